// <report-chart>: a canvas that Chart.js draws on, in the page's colours. The library comes with the first one in sight.
import { h } from "../js/dom.js";
import { t } from "../js/messages.js";

let library = null;

/** { Chart, lookOf }: the library with all that is used of it, and its looks; after a failure they are asked for again. */
async function loaded() {
  try {
    const [{ Chart, ...parts }, { plugins, lookOf }] = await (library ??= Promise.all([import("../vendor/charts.js"), import("./chart_look.js")]));
    Chart.register(...Object.values(parts), ...plugins);
    return { Chart, lookOf };
  } catch (fault) {
    library = null;
    throw fault;
  }
}

/**
 * show(label, configure): configure(look) gives what Chart.js takes, for a look of chart_look.js. A chart is drawn when it has
 * room, anew when the colours or the direction change, and in the colours of paper to be printed.
 */
export class ReportChart extends HTMLElement {
  #canvas = h("canvas", { "aria-hidden": "true" });
  #configure = null;
  #parts = null;
  #chart = null;
  #ends = new AbortController();

  show(label, configure) {
    this.#configure = configure;
    this.setAttribute("role", "img");
    this.setAttribute("aria-label", label);
    return this;
  }

  connectedCallback() {
    this.replaceChildren(this.#canvas);
    this.#ends = new AbortController();
    const { signal } = this.#ends;
    const again = () => this.#chart && this.#draw();
    const coloured = (scheme) => {
      this.style.setProperty("color-scheme", scheme);
      again();
    };
    addEventListener("beforeprint", () => coloured("light"), { signal });
    addEventListener("afterprint", () => coloured(""), { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again, { signal });
    const styled = new MutationObserver(again);
    styled.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "dir"] });
    const seen = new ResizeObserver(() => this.clientWidth && !this.#chart && this.#begin());
    seen.observe(this);
    signal.addEventListener("abort", () => [styled, seen].forEach((observer) => observer.disconnect()));
  }

  disconnectedCallback() {
    this.#ends.abort();
    this.#chart?.destroy();
    this.#chart = null;
  }

  async #begin() {
    try {
      this.#parts = await loaded();
      if (!this.isConnected || this.#chart) return;
      if (!this.#canvas.isConnected) this.replaceChildren(this.#canvas); // after a failure
      this.#draw();
    } catch {
      this.replaceChildren(h("p", { class: "small soft" }, t("report.no_chart")));
    }
  }

  /** At once, for paper doesn't wait. */
  #draw() {
    const { Chart, lookOf } = this.#parts;
    this.#chart?.destroy();
    const look = lookOf(this);
    Object.assign(Chart.defaults, { animation: false, maintainAspectRatio: false, color: look.ink });
    Object.assign(Chart.defaults.font, look.font);
    this.#chart = new Chart(this.#canvas, this.#configure(look));
  }
}

customElements.define("report-chart", ReportChart);
