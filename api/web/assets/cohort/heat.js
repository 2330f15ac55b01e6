// The heat map: every candidate × every key point on one canvas. Only what is in sight is drawn, so that 500 × 140 cells
// scroll smoothly. Each verdict has a shape of its own, so that it can be told without colours.
import { h } from "../js/dom.js";
import { FONT, HEAD, colours, paint } from "./paint.js";

const SIZES = { near: { cell: 24, gap: 10, signs: true }, far: { cell: 9, gap: 4, signs: false } }; // CSS pixels
const NAMES = 190; // at most, for the names beside them

/**
 * <heat-map>: show(report, grid, order), then order(positions) and zoom("near" | "far"). Events: "point" with detail
 * { candidate, column } or null for what is pointed at, "open" with { candidate, column } (column -1: the name), and
 * "sort" with { column }.
 */
export class HeatMap extends HTMLElement {
  #canvas = h("canvas", { "aria-hidden": "true" });
  #room = h("div", { class: "room" }, this.#canvas);
  #zoom = "near";
  #at = null; // row and column of the cursor
  #frame = 0;
  #sprites = new Map();
  #tones = null;
  #ends = new AbortController();

  show(report, grid, positions) {
    Object.assign(this, { report, grid, positions });
    this.#layOut();
    this.redraw();
  }

  order(positions) {
    this.positions = positions;
    this.#at = null;
    this.#layOut();
    this.redraw();
  }

  zoom(name) {
    this.#zoom = name;
    this.#sprites.clear();
    this.#layOut();
    this.redraw();
  }

  connectedCallback() {
    this.replaceChildren(this.#room);
    this.tabIndex = 0;
    this.#ends = new AbortController();
    const { signal } = this.#ends;
    this.addEventListener("scroll", () => this.redraw(), { passive: true, signal });
    this.addEventListener("pointermove", (event) => this.#hover(event), { signal });
    this.addEventListener("pointerleave", () => this.#move(null), { signal });
    this.addEventListener("click", (event) => this.#click(event), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.addEventListener("focus", () => this.matches(":focus-visible") && !this.#at && this.#move({ row: 0, column: 0 }), { signal });
    const restyle = () => {
      this.#sprites.clear();
      this.#tones = null;
      this.redraw();
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle, { signal });
    const styled = new MutationObserver(restyle);
    styled.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "dir"] });
    const resized = new ResizeObserver(() => this.report && this.clientWidth && (this.#layOut(), this.redraw()));
    resized.observe(this);
    signal.addEventListener("abort", () => [styled, resized].forEach((observer) => observer.disconnect()));
  }

  disconnectedCallback() {
    this.#ends.abort();
  }

  /** Draw at the next frame. */
  redraw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
    });
  }

  get #size() {
    return SIZES[this.#zoom];
  }

  get #isMirrored() {
    return getComputedStyle(this).direction === "rtl";
  }

  #layOut() {
    const { cell, gap } = this.#size;
    this.names = this.#widthOfNames();
    let x = 0;
    let item = -1;
    this.xs = this.grid.columns.map((column) => {
      if (column.item !== item && item >= 0) x += gap;
      item = column.item;
      x += cell;
      return x - cell;
    });
    sized(this.#room, this.names + x + 1, HEAD + this.positions.length * cell + 1);
    sized(this.#canvas, this.clientWidth, this.clientHeight);
    this.#canvas.width = this.clientWidth * devicePixelRatio;
    this.#canvas.height = this.clientHeight * devicePixelRatio;
  }

  #widthOfNames() {
    const context = this.#canvas.getContext("2d");
    context.font = FONT;
    const widest = this.report.candidates.reduce((most, { name }) => Math.max(most, name.length), 0);
    const longest = this.report.candidates.filter(({ name }) => name.length > widest - 4).slice(0, 40);
    const names = Math.max(...longest.map(({ name }) => context.measureText(name).width), 40) + 58; // and the coverage
    return Math.min(names, NAMES, this.clientWidth * 0.42);
  }

  /** Draw what is in sight, at once. */
  draw() {
    if (!this.report || !this.clientWidth) return;
    const context = this.#canvas.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paint(context, {
      report: this.report, grid: this.grid, positions: this.positions, xs: this.xs, names: this.names, at: this.#at, ...this.#size,
      left: Math.abs(this.scrollLeft), top: this.scrollTop, width: this.clientWidth, height: this.clientHeight,
      isMirrored: this.#isMirrored, colours: (this.#tones ??= colours(this)), sprites: this.#sprites,
    });
  }

  #found({ clientX, clientY }) {
    const box = this.getBoundingClientRect();
    const x = this.#isMirrored ? box.right - clientX : clientX - box.left;
    const y = clientY - box.top;
    if (y >= box.height || x >= box.width) return null;
    const { cell } = this.#size;
    const across = x - this.names + Math.abs(this.scrollLeft);
    const column = x < this.names ? -1 : this.xs.findIndex((start) => across >= start && across < start + cell);
    if (x >= this.names && column < 0) return null;
    if (y < HEAD) return column < 0 ? null : { row: -1, column };
    const row = Math.floor((y - HEAD + this.scrollTop) / cell);
    return row < this.positions.length ? { row, column } : null;
  }

  #hover(event) {
    if (event.pointerType !== "mouse") return;
    const found = this.#found(event);
    this.style.setProperty("cursor", found ? "pointer" : "");
    this.#move(found && found.row >= 0 ? found : null);
  }

  #click(event) {
    const found = this.#found(event);
    if (!found) return;
    if (found.row < 0) return this.#tell("sort", found);
    const again = this.#at?.row === found.row && this.#at?.column === found.column;
    this.#move(found);
    if (event.pointerType === "mouse" || again) this.#tell("open", found);
  }

  #key(event) {
    const page = Math.max(1, Math.floor((this.clientHeight - HEAD) / this.#size.cell) - 1);
    const side = this.#isMirrored ? -1 : 1;
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -side], ArrowRight: [0, side], PageUp: [-page, 0], PageDown: [page, 0], Home: [0, -1e6], End: [0, 1e6] };
    if (event.key === "Enter" && this.#at) return this.#tell("open", this.#at);
    if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey || !this.positions.length) return;
    event.preventDefault();
    const [down, across] = steps[event.key];
    const from = this.#at ?? { row: 0, column: 0 };
    this.#move({ row: clamp(from.row + down, 0, this.positions.length - 1), column: clamp(from.column + across, 0, this.xs.length - 1) });
    this.#reveal();
  }

  #reveal() {
    const { cell } = this.#size;
    const { row, column } = this.#at;
    const [x, y] = [this.xs[column], row * cell];
    const [wide, high] = [this.clientWidth - this.names, this.clientHeight - HEAD];
    const left = clamp(Math.abs(this.scrollLeft), x + cell - wide, x);
    this.scrollTo({ left: this.#isMirrored ? -left : left, top: clamp(this.scrollTop, y + cell - high, y), behavior: "instant" });
  }

  #move(to) {
    if (this.#at?.row === to?.row && this.#at?.column === to?.column) return;
    this.#at = to;
    this.redraw();
    this.#tell("point", to);
  }

  #tell(name, at) {
    const detail = at && { candidate: this.positions[at.row] ?? -1, column: at.column };
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function sized(element, width, height) {
  element.style.setProperty("inline-size", `${width}px`);
  element.style.setProperty("block-size", `${height}px`);
}

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));

customElements.define("heat-map", HeatMap);
