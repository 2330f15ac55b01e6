// How the heat map is painted. A view says what is in sight: { report, grid, positions, xs, names, at, cell, signs, left,
// top, width, height, isMirrored, colours, sprites }, in CSS pixels.
import { h } from "../js/dom.js";
import { percent, t } from "../js/messages.js";
import { NONE, meaning } from "./model.js";

export const HEAD = 48; // two lines over the cells: the item, and the point's number
export const FONT = "13px system-ui, sans-serif";
const SMALL = "11px system-ui, sans-serif";

/** Colours as they are computed now; custom properties alone hold light-dark(). */
export function colours(element) {
  const probe = element.appendChild(h("span", {}));
  const of = (name) => {
    probe.style.setProperty("color", `var(--${name})`);
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(["paper", "sheet", "ink", "soft", "line", "edge", "accent"].map((name) => [name, of(name)]));
  for (const verdict of ["covered", "partial", "missed", "contradicted"]) {
    found[verdict] = { tone: of(verdict), wash: of(`${verdict}-wash`), sheet: found.sheet };
  }
  probe.remove();
  return { ...found, unscored: found.missed };
}

/** Everything that is in sight. */
export function paint(context, view) {
  context.fillStyle = view.colours.sheet;
  context.fillRect(0, 0, view.width, view.height);
  const { cell, left, top, xs } = view;
  const beyond = xs.findIndex((x) => x > left + view.width - view.names);
  const rows = [Math.floor(top / cell), Math.min(view.positions.length, Math.ceil((top + view.height - HEAD) / cell))];
  const columns = [Math.max(xs.findIndex((x) => x + cell > left), 0), beyond < 0 ? xs.length : beyond];
  paintCells(context, view, rows, columns);
  paintNames(context, view, rows);
  paintHead(context, view, columns);
  paintCursor(context, view);
}

/** Where something that begins at x and is `wide` is put, in a map that may be mirrored. */
const place = (view, x, wide) => (view.isMirrored ? view.width - x - wide : x);
const across = (view, column) => view.names + view.xs[column] - view.left;
const down = (view, row) => HEAD + row * view.cell - view.top;

function paintCells(context, view, rows, columns) {
  const { cell, grid, positions } = view;
  for (let row = rows[0]; row < rows[1]; row += 1) {
    const first = positions[row] * grid.columns.length;
    for (let column = columns[0]; column < columns[1]; column += 1) {
      const code = grid.cells[first + column];
      if (code !== NONE) context.drawImage(sprite(view, code), place(view, across(view, column), cell), down(view, row), cell, cell);
    }
  }
}

function paintNames(context, view, rows) {
  const { names, signs, isMirrored, colours: { sheet, ink, soft } } = view;
  context.fillStyle = sheet;
  context.fillRect(place(view, 0, names), 0, names, view.height);
  context.font = signs ? FONT : SMALL;
  context.textBaseline = "middle";
  const step = signs ? 1 : 2; // far away, every other name fits
  for (let row = rows[0] - (rows[0] % step); row < rows[1]; row += step) {
    const { name, coverage } = view.report.candidates[view.positions[row]];
    const y = down(view, row) + (view.cell * step) / 2;
    context.fillStyle = ink;
    context.textAlign = isMirrored ? "right" : "left";
    context.fillText(fitted(context, name, names - 54), place(view, 4, 0), y);
    context.fillStyle = soft;
    context.textAlign = isMirrored ? "left" : "right";
    context.fillText(coverage === null ? "–" : percent(coverage), place(view, names - 10, 0), y);
  }
}

function paintHead(context, view, columns) {
  const { names, width, grid, cell, colours: { sheet, soft, edge } } = view;
  context.fillStyle = sheet;
  context.fillRect(0, 0, width, HEAD);
  context.save();
  context.beginPath();
  context.rect(place(view, names, width - names), 0, width - names, HEAD);
  context.clip();
  for (let column = columns[0]; column < columns[1]; column += 1) {
    if (column === columns[0] || grid.columns[column - 1].item !== grid.columns[column].item) paintItem(context, view, column);
    if (!view.signs) continue;
    context.font = SMALL;
    context.textAlign = "center";
    context.fillStyle = soft;
    context.fillText(String(grid.columns[column].number), place(view, across(view, column), cell) + cell / 2, HEAD - 11);
  }
  context.restore();
  context.fillStyle = edge;
  context.fillRect(0, HEAD - 1, width, 1);
}

/** An item's name over those of its columns that are in sight. */
function paintItem(context, view, column) {
  const { item } = view.grid.columns[column];
  const last = view.grid.columns.findLastIndex((one) => one.item === item);
  const start = Math.max(across(view, column), view.names);
  const room = across(view, last) + view.cell - start;
  const words = view.signs ? t("report.numbered", { n: item + 1, text: view.report.items[item].question }) : String(item + 1);
  context.font = FONT;
  context.fillStyle = view.colours.ink;
  context.textAlign = view.isMirrored ? "right" : "left";
  context.fillText(fitted(context, words, room - 4), place(view, start + 2, 0), 13);
  context.fillStyle = view.colours.edge;
  context.fillRect(place(view, start, room), 24, Math.max(0, room), 1);
}

function paintCursor(context, view) {
  if (!view.at) return;
  const { row, column } = view.at;
  const [x, wide] = column < 0 ? [1, view.names - 6] : [across(view, column), view.cell];
  const y = down(view, row);
  if (y < HEAD - view.cell / 2 || (column >= 0 && x < view.names - view.cell / 2)) return;
  context.strokeStyle = view.colours.ink;
  context.lineWidth = 2;
  context.strokeRect(place(view, x, wide) + 1, y + 1, wide - 2, view.cell - 2);
}

/** A cell with this code, painted once: covered is full, partial half full, missed empty, contradicted crossed out. */
function sprite({ sprites, colours: tones, cell, signs }, code) {
  const scale = devicePixelRatio;
  const key = `${code} ${cell} ${scale}`;
  if (!sprites.has(key)) {
    const canvas = h("canvas", { width: cell * scale, height: cell * scale });
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    const inset = signs ? 1.5 : 0.5;
    shapes[meaning(code)](context, inset, inset, cell - 2 * inset, tones[meaning(code)]);
    sprites.set(key, canvas);
  }
  return sprites.get(key);
}

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let [least, most] = [0, text.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) least = middle;
    else most = middle - 1;
  }
  return least ? `${text.slice(0, least)}…` : "";
}

const shapes = {
  covered(context, x, y, size, { tone, sheet }) {
    context.fillStyle = tone;
    context.fillRect(x, y, size, size);
    if (size > 12) stroke(context, sheet, 2.2, [[x + size * 0.24, y + size * 0.52], [x + size * 0.43, y + size * 0.72], [x + size * 0.77, y + size * 0.28]]);
  },
  partial(context, x, y, size, { tone, wash }) {
    context.fillStyle = wash;
    context.fillRect(x, y, size, size);
    context.fillStyle = tone;
    context.beginPath();
    context.moveTo(x, y + size);
    context.lineTo(x + size, y + size);
    context.lineTo(x + size, y);
    context.fill();
  },
  missed(context, x, y, size, { tone, wash }) {
    context.fillStyle = wash;
    context.fillRect(x, y, size, size);
    if (size <= 12) return;
    context.strokeStyle = tone;
    context.lineWidth = 1.4;
    context.setLineDash([2, 2.6]);
    context.beginPath();
    context.arc(x + size / 2, y + size / 2, size * 0.24, 0, 2 * Math.PI);
    context.stroke();
  },
  contradicted(context, x, y, size, { tone, wash }) {
    context.fillStyle = wash;
    context.fillRect(x, y, size, size);
    const far = size > 12 ? 0.24 : 0.08;
    stroke(context, tone, size > 12 ? 2.4 : 1.5, [[x + size * far, y + size * far], [x + size * (1 - far), y + size * (1 - far)]]);
    stroke(context, tone, size > 12 ? 2.4 : 1.5, [[x + size * (1 - far), y + size * far], [x + size * far, y + size * (1 - far)]]);
  },
  unscored(context, x, y, size, { tone }) {
    stroke(context, tone, 1.5, [[x + size * 0.3, y + size / 2], [x + size * 0.7, y + size / 2]]);
  },
};

function stroke(context, colour, width, points) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}
