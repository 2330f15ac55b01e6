// The charts of a report: what is drawn of which figures, the table behind each, and <report-chart>, which draws.
import { h } from "../js/dom.js";
import { number, percent, t } from "../js/messages.js";
import { VERDICTS } from "./model.js";

const ROW = 30; // CSS pixels of a row of bars
const WIDE = 620; // from here on, names stand beside rows; below, their numbers only
const LONGEST = 46; // characters of a name
const LINE = 44; // characters of a line of what is told of a bar

/** How coverages are spread: { counts, mean, median } in ten steps. */
export function histogram(bins, { id, caption, unit }) {
  const words = bins.mean === null ? t("report.no_marks") : t("report.spread", { unit, mean: percent(bins.mean), median: percent(bins.median) });
  const steps = bins.counts.map((count, index) => ({ count, from: index / bins.counts.length, to: (index + 1) / bins.counts.length }));
  const label = ({ from, to }) => t("report.from_to", { from: Math.round(from * 100), to: Math.round(to * 100) });
  const rows = steps.map((step) => [label(step), number(step.count)]);
  return figure({ id, caption, words }, { high: 220, table: table([t("report.coverage"), unit], rows) }, (look) => ({
    type: "bar",
    data: { datasets: [{ categoryPercentage: 1, ...plain(look, (at) => (steps[at].count ? number(steps[at].count) : "")), data: steps.map(({ count, from, to }) => ({ x: (from + to) / 2, y: count })) }] },
    options: {
      ...common(look),
      layout: { padding: { top: 2.2 * look.font.size } },
      scales: {
        x: { type: "linear", min: 0, max: 1, offset: false, reverse: look.isMirrored, grid: { display: false }, border: { color: look.edge, width: 1.5 }, ticks: { color: look.soft, stepSize: 0.25, maxRotation: 0, callback: percent } },
        y: { display: false, beginAtZero: true, grace: "12%" },
      },
      plugins: {
        legend: { display: false },
        marker: bins.mean === null ? {} : { at: bins.mean, words: t("report.mean", { share: percent(bins.mean) }), ink: look.ink, ground: look.paper },
        tooltip: told(look, { axis: "x", title: (at) => label(steps[at]), line: (_, at) => t("report.so_many", { n: steps[at].count, what: unit }) }),
      },
    },
  }));
}

/** How hard the questions are, by number; their table stands below. */
export function difficulties(items) {
  const shares = items.map(({ difficulty }) => difficulty.value);
  const names = items.map(({ question }) => question);
  return figure({ id: "by-question", caption: t("report.by_question"), words: "" }, { high: ROW * items.length + 40 }, (look) => ({
    type: "bar",
    data: { labels: names, datasets: [{ ...plain(look, (at) => (shares[at] === null ? "–" : percent(shares[at]))), data: shares }] },
    options: {
      ...rowsOf(look, names, false),
      plugins: { legend: { display: false }, tooltip: told(look, { axis: "y", title: (at) => names[at], line: (_, at) => (shares[at] === null ? t("report.no_marks") : t("report.mean", { share: percent(shares[at]) })) }) },
    },
  }));
}

/** What share of the scored answers got which verdict on each of some key points. */
export function verdictShares(points, { id, caption }) {
  const names = points.map(({ statement }) => statement);
  const all = points.map((point) => VERDICTS.reduce((sum, verdict) => sum + point[verdict], 0));
  const share = (verdict, at) => (all[at] ? points[at][verdict] / all[at] : 0);
  const head = [t("report.head_point"), ...VERDICTS.map((verdict) => t(`verdict.${verdict}`))];
  const rows = points.map((point, index) => [t("report.numbered", { n: index + 1, text: point.statement }), ...VERDICTS.map((verdict) => number(point[verdict]))]);
  return figure({ id, caption, words: "" }, { high: ROW * points.length + 80, table: table(head, rows) }, (look) => ({
    type: "bar",
    data: { labels: names, datasets: VERDICTS.map((verdict) => setOf(look, verdict, names.map((_, at) => share(verdict, at)))) },
    options: {
      ...rowsOf(look, names, true),
      plugins: {
        legend: { align: "start", rtl: look.isMirrored, onClick: null, labels: { boxWidth: 26, boxHeight: 12 } },
        tooltip: told(look, { axis: "y", title: (at) => names[at], line: (set, at) => t("report.so_many", { n: points[at][VERDICTS[set]], what: t(`verdict.${VERDICTS[set]}`) }) }),
      },
    },
  }));
}

function figure({ id, caption, words }, { high, table: rows }, configure) {
  const chart = new ReportChart().show(t("report.chart", { caption }), configure);
  chart.style.setProperty("--high", `${high}px`);
  return h("figure", { class: "chart stack tight keep", "aria-labelledby": id },
    h("figcaption", { id, class: "stack tight" }, h("h3", {}, caption), words && h("p", { class: "small soft" }, words)), chart, rows && behind(rows));
}

/** What is under a chart, folded away. */
export const behind = (element) => h("details", { class: "behind" }, h("summary", { class: "small" }, t("report.as_table")), h("div", { class: "scroll", tabindex: "0" }, element));

function table(head, rows) {
  const cell = (at) => ({ scope: "col", class: at ? "num" : "" });
  return h("table", { class: "table" }, h("thead", {}, h("tr", {}, head.map((name, at) => h("th", cell(at), name)))),
    h("tbody", {}, rows.map(([name, ...figures]) => h("tr", {}, h("th", { scope: "row" }, name), figures.map((one) => h("td", { class: "num" }, one))))));
}

const common = (look) => ({ devicePixelRatio: look.sharpness });

/** Bars of one kind, with figures at their ends. */
const plain = (look, words) => ({ backgroundColor: look.accent, borderRadius: 2, barPercentage: 0.92, figures: { words, ink: look.ink } });

function setOf(look, verdict, shares) {
  const { fill, edge, ground, ink } = look.verdicts[verdict];
  const words = (at) => (shares[at] ? percent(shares[at]) : "");
  return { label: t(`verdict.${verdict}`), data: shares, backgroundColor: fill, borderColor: edge, borderWidth: 1.5, borderSkipped: false, categoryPercentage: 0.8, barPercentage: 1, figures: { words, ink, ground } };
}

/** Rows of bars of shares, each with its number and, where there is room, its name. */
function rowsOf(look, names, stacked) {
  const name = function name(at) {
    return this.chart.width < WIDE ? number(at + 1) : t("report.numbered", { n: at + 1, text: shortened(names[at]) });
  };
  return {
    ...common(look),
    indexAxis: "y",
    layout: { padding: stacked ? {} : { right: look.isMirrored ? 0 : 44, left: look.isMirrored ? 44 : 0 } },
    scales: {
      x: { stacked, min: 0, max: 1, reverse: look.isMirrored, grid: { color: look.line }, border: { display: false }, ticks: { color: look.soft, stepSize: 0.25, maxRotation: 0, callback: percent } },
      y: { stacked, position: look.isMirrored ? "right" : "left", grid: { display: false }, border: { color: look.edge }, ticks: { autoSkip: false, callback: name } },
    },
  };
}

const shortened = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** What is told where one points: a title, and a line for each data set. */
const told = (look, { axis, title, line }) => ({
  mode: "index", axis, intersect: false, rtl: look.isMirrored, textDirection: look.isMirrored ? "rtl" : "ltr",
  backgroundColor: look.ink, titleColor: look.paper, bodyColor: look.paper, displayColors: false,
  callbacks: { title: ([one]) => lines(title(one.dataIndex)), label: ({ datasetIndex, dataIndex }) => line(datasetIndex, dataIndex) },
});

/** A text in lines; a canvas breaks none. */
const lines = (text) => text.match(new RegExp(`.{1,${LINE}}(?:\\s|$)|.{${LINE}}`, "gu")).map((one) => one.trim());

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
 * <report-chart>: a canvas that Chart.js draws on, in the page's colours; the library comes with the first one in sight.
 * show(label, configure): configure(look) gives what Chart.js takes, for a look of chart_look.js. A chart is drawn when it has
 * room, anew when the colours or the direction change, and in the colours of paper to be printed.
 */
class ReportChart extends HTMLElement {
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
