// Why: each sentence of an answer beside each key point, as a map whose cells say which wording was nearest.
import { $, $$, h, icon } from "../js/dom.js";
import { places } from "../js/marked.js";
import { number, t } from "../js/messages.js";

const KINDS = ["says", "denies", "near"];
const TONE = { says: "covered", denies: "contradicted", near: "partial" };
const [FAINT, STRONG] = [0.25, 0.85]; // alignments from which a cell has any colour, and all of it

/** The kind of wording that a sentence is nearest to, of those that there are. */
export const strongest = (cell) =>
  KINDS.filter((kind) => cell[kind]).reduce((best, kind) => (cell[kind].alignment > cell[best].alignment ? kind : best), "says");

/** What stands at the head of a column, and what each sentence has there. */
function columnsOf(sentences, { key_points: points, misconceptions = [] }) {
  const of = (item, name, at, part, tones) => {
    const cells = sentences.map((sentence) => sentence[part][at] ?? null).map((cell) => (cell && part === "misconceptions" ? { says: cell } : cell));
    const values = cells.map((cell) => cell?.says.alignment ?? -1);
    return { item, name, cells, tones, best: values.indexOf(Math.max(...values)) };
  };
  return [
    ...points.map((point, at) => of(point, number(at + 1), at, "key_points", TONE)),
    ...misconceptions.map((item, at) => of(item, t("graded.misconception_number", { n: at + 1 }), at, "misconceptions", { says: "misconception" })),
  ];
}

/** The wording that was nearest. */
export function wordingOf(item, kind, index) {
  if (kind === "says") return index === 0 ? item.statement : item.says[index - 1];
  return item[kind][index];
}

/** The map of one answer. tried: as the service sends it; document: the rubric that it was tried against. */
export function heatMap(text, { sentences }, document) {
  const place = places(text);
  const words = sentences.map(({ start, end }) => text.slice(place[start], place[end]));
  const columns = columnsOf(sentences, document);
  const detail = h("div", { class: "detail", "aria-live": "polite" }, h("p", { class: "soft" }, t("author.map_hint")));
  const show = (row, column) => detail.replaceChildren(...explained(words[row], row, column));
  const rows = sentences.map((sentence, row) =>
    h("tr", {},
      h("th", { scope: "row" }, h("span", { class: "sentence", title: words[row] }, words[row])),
      sentence.key_points.length
        ? columns.map((column) => h("td", {}, cellOf(column, row, show)))
        : h("td", { colspan: columns.length, class: "soft small" }, t("author.counts_nothing"))));
  const head = h("tr", {}, h("th", { scope: "col" }, t("author.sentence")),
    columns.map(({ item, name }) => h("th", { scope: "col" }, h("abbr", { title: item.statement }, name))));
  const table = h("table", { class: "heat", onkeydown: walk },
    h("caption", { class: "hidden" }, t("author.map")), h("thead", {}, head), h("tbody", {}, rows));
  const first = $("button", table);
  if (first) first.tabIndex = 0;
  return h("div", { class: "stack tight" }, legend(document), h("div", { class: "scroll" }, table), detail);
}

function cellOf(column, row, show) {
  const cell = column.cells[row];
  const kind = strongest(cell);
  const share = Math.min(1, Math.max(0, (cell[kind].alignment - FAINT) / (STRONG - FAINT)));
  const told = KINDS.filter((one) => cell[one]).map((one) => t(`author.cell_${one}`, { n: hundredths(cell[one]) })).join(", ");
  return h("button", {
    class: `cell tone ${column.tones[kind]}${column.best === row ? " best" : ""}`,
    type: "button",
    tabindex: "-1",
    "aria-label": t("author.cell", { sentence: row + 1, point: column.name, told }),
    style: { "--share": share },
    onfocus: () => show(row, column),
    onpointerenter: () => show(row, column),
    onclick: () => show(row, column),
  }, kind !== "says" && share > 0 ? icon(column.tones[kind]) : "", hundredths(cell[kind]));
}

const hundredths = ({ alignment }) => Math.round(alignment * 100);

function explained(sentence, row, { item, name, cells, tones }) {
  const cell = cells[row];
  const kinds = KINDS.filter((kind) => cell[kind]).toSorted((a, b) => cell[b].alignment - cell[a].alignment);
  return [
    h("p", { class: "statement" }, `${name}. ${item.statement}`),
    h("p", {}, t("author.quoted", { quote: sentence })),
    h("dl", {}, kinds.flatMap((kind) => [
      h("dt", { class: `tone ${tones[kind]}` }, t(`author.map_${kind}`), h("span", { class: "figure" }, number(hundredths(cell[kind])))),
      h("dd", {}, wordingOf(item, kind, cell[kind].wording)),
    ])),
  ];
}

function legend({ misconceptions = [] }) {
  const entries = [...KINDS.map((kind) => [TONE[kind], t(`author.map_${kind}`), kind !== "says"])];
  if (misconceptions.length) entries.push(["misconception", t("verdict.misconception"), false]);
  return h("ul", { class: "row small legend" }, entries.map(([tone, words, hasSign]) =>
    h("li", { class: `tone ${tone}` }, h("i", {}), hasSign ? icon(tone) : "", h("span", {}, words))));
}

/** Arrows go from cell to cell; only one is in the order of the Tab key. */
function walk(event) {
  const rows = $$("tbody tr", event.currentTarget).map((row) => $$("button", row)).filter((row) => row.length);
  const y = rows.findIndex((row) => row.includes(event.target));
  const x = rows[y]?.indexOf(event.target) ?? -1;
  const step = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
  const [dy, dx] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] }[event.key] ?? [0, 0];
  const target = x < 0 || (!dx && !dy) ? null : rows[y + dy]?.[x + dx];
  if (!target) return;
  event.preventDefault();
  for (const one of $$("button", event.currentTarget)) one.tabIndex = -1;
  target.tabIndex = 0;
  target.focus();
}
