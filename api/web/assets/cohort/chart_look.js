// How charts look: the page's colours and type, a hatch for each verdict that can be told without colours, and what Chart.js
// doesn't draw by itself: figures on bars and a line at a value.
import { h } from "../js/dom.js";
import { VERDICTS } from "./model.js";
import { colours } from "./paint.js";

const TILE = 7; // CSS pixels, after which a hatch repeats
const HATCHES = { partial: [[0, TILE, TILE, 0]], contradicted: [[0, TILE, TILE, 0], [0, 0, TILE, TILE]] };
const ROOM = 6; // CSS pixels around a figure
const SHARP = 2; // pixels of the canvas in a CSS pixel, at least: for paper

/** What a chart in this element has: { ink, soft, line, edge, accent, paper, font, isMirrored, sharpness, verdicts }. */
export function lookOf(element) {
  const { fontFamily: family, direction } = getComputedStyle(element);
  const size = 0.8125 * parseFloat(getComputedStyle(document.documentElement).fontSize); // --text-xs
  const found = colours(element);
  const sharpness = Math.max(SHARP, devicePixelRatio);
  const verdicts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, fillOf(verdict, found, sharpness)]));
  return { ...found, font: { family, size }, isMirrored: direction === "rtl", sharpness, verdicts };
}

/** { fill, edge, ground, ink }: what a bar is filled with and surrounded by; what a figure in it stands on, and its colour. */
function fillOf(verdict, found, sharpness) {
  const { tone, wash } = found[verdict];
  if (verdict === "covered") return { fill: tone, edge: tone, ground: tone, ink: found.paper };
  if (verdict === "missed") return { fill: found.paper, edge: found.edge, ground: found.paper, ink: found.ink };
  return { fill: hatch(HATCHES[verdict], tone, wash, sharpness), edge: tone, ground: wash, ink: found.ink };
}

function hatch(lines, tone, wash, sharpness) {
  const canvas = h("canvas", { width: TILE * sharpness, height: TILE * sharpness });
  const context = canvas.getContext("2d");
  context.scale(sharpness, sharpness);
  context.fillStyle = wash;
  context.fillRect(0, 0, TILE, TILE);
  context.strokeStyle = tone;
  context.lineWidth = 1.2;
  context.lineCap = "square";
  context.beginPath();
  for (const [x, y, toX, toY] of lines) {
    for (const aside of [-TILE, 0, TILE]) { // the corners of neighbouring tiles, too
      context.moveTo(x + aside, y);
      context.lineTo(toX + aside, toY);
    }
  }
  context.stroke();
  const pattern = context.createPattern(canvas, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / sharpness));
  return pattern;
}

/** `figures: { words(index), ink, ground }` of a data set: at the ends of its bars, or, with a ground, inside where there is room. */
const figures = {
  id: "figures",
  afterDatasetsDraw(chart) {
    chart.data.datasets.forEach((set, index) => {
      if (set.figures) chart.getDatasetMeta(index).data.forEach((bar, at) => drawFigure(chart, bar, set.figures, set.figures.words(at)));
    });
  },
};

function drawFigure(chart, bar, { ink, ground }, words) {
  const { x, y, base, horizontal } = bar.getProps(["x", "y", "base", "horizontal"], true);
  const { ctx: context, options: { font }, scales } = chart;
  write(context, font);
  const wide = context.measureText(words).width;
  if (!words || (ground && wide + ROOM > Math.abs(x - base))) return;
  const onwards = Math.sign(x - base) || (scales.x.options.reverse ? -1 : 1); // a bar of nothing has no direction of its own
  const outside = horizontal ? [x + onwards * (wide / 2 + ROOM), y] : [x, y - font.size * 0.75];
  writeOn(context, words, ground ? [(x + base) / 2, y] : outside, { wide, high: font.size, ink, ground });
}

/** `marker: { at, words, ink, ground }` among the options of plugins: a dashed line at a value of x, with words at its top. */
const marker = {
  id: "marker",
  afterDatasetsDraw(chart, _, { at, words, ink, ground }) {
    if (at === undefined) return;
    const { ctx: context, chartArea: area, options: { font }, scales } = chart;
    const x = scales.x.getPixelForValue(at);
    write(context, font);
    for (const [colour, wide, dash] of [[ground, 4, []], [ink, 2, [6, 4]]]) { // seen on bars of its own colour, too
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.setLineDash(dash);
      context.beginPath();
      context.moveTo(x, area.bottom);
      context.lineTo(x, font.size * 1.4);
      context.stroke();
    }
    context.setLineDash([]);
    const half = context.measureText(words).width / 2;
    writeOn(context, words, [Math.min(Math.max(x, half), chart.width - half), font.size * 0.7], { wide: 2 * half, high: font.size, ink, ground });
  },
};

export const plugins = [figures, marker];

function write(context, { family, size }) {
  context.font = `600 ${size}px ${family}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
}

function writeOn(context, words, [x, y], { wide, high, ink, ground }) {
  if (ground) {
    context.fillStyle = ground;
    context.fillRect(x - wide / 2 - 2, y - high * 0.6, wide + 4, high * 1.2);
  }
  context.fillStyle = ink;
  context.fillText(words, x, y);
}
