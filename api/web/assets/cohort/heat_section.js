// The heat map with what belongs to it: order, search, size, what is pointed at, and the table behind it.
import { h } from "../js/dom.js";
import { percent, t } from "../js/messages.js";
import { verdictMark } from "../js/graded.js";
import "./heat.js";
import { gridOf, meaning, orderOf } from "./model.js";

const ROWS = 50; // of the table at once
let count = 0;

/** { element, order() }, where order() gives candidates as they stand in the map. */
export function heatSection(report) {
  const grid = gridOf(report);
  const id = `map-${(count += 1)}`;
  const state = { by: "coverage", wanted: "", positions: orderOf(report, grid, "coverage") };
  const map = document.createElement("heat-map");
  map.setAttribute("role", "group");
  map.setAttribute("aria-label", t("report.map_label", { n: report.candidates.length, points: grid.columns.length }));
  map.setAttribute("aria-describedby", `${id}-keys`);
  const readout = h("div", { class: "readout", role: "status" }, h("p", { class: "soft" }, t("report.map_hint")));
  const table = tableBehind(report, grid, () => state.positions);
  const sortBy = sortChoice(report, grid, (by) => order({ by }));
  const found = h("span", { class: "small soft", role: "status" });

  function order(change) {
    Object.assign(state, change);
    state.positions = orderOf(report, grid, state.by, state.wanted);
    map.order(state.positions);
    table.refresh();
    found.textContent = state.wanted ? t("report.found", { n: state.positions.length }) : "";
  }
  map.addEventListener("sort", ({ detail }) => {
    sortBy.set(`point-${detail.column}`);
    order({ by: `point-${detail.column}` });
  });
  map.addEventListener("point", ({ detail }) => readout.replaceChildren(...(detail ? pointedAt(report, grid, detail) : [h("p", { class: "soft" }, t("report.map_hint"))])));
  map.addEventListener("open", ({ detail }) => {
    const item = detail.column < 0 ? "" : `-${grid.columns[detail.column].item}`;
    location.hash = `#candidate-${detail.candidate}${item}`;
  });
  const search = h("input", { type: "search", autocomplete: "off", oninput: ({ target }) => order({ wanted: target.value }) });
  const element = h("div", { class: "stack tight" },
    h("div", { class: "row tools no-print" }, sortBy.element,
      h("label", { class: "field" }, h("span", {}, t("report.find")), search),
      zoomChoice(id, (size) => map.zoom(size)), found),
    legend(), map, readout,
    h("p", { class: "hidden", id: `${id}-keys` }, t("report.map_keys")),
    table.element);
  map.show(report, grid, state.positions);
  return { element, order: () => state.positions };
}

function sortChoice(report, grid, changed) {
  const points = h("optgroup", { label: t("report.sort_points") }, grid.columns.map((column, at) =>
    h("option", { value: `point-${at}` }, t("report.sort_point", { item: column.item + 1, point: column.number, statement: shortened(column.statement) }))));
  const select = h("select", { onchange: () => changed(select.value) },
    h("option", { value: "coverage" }, t("report.sort_coverage")), h("option", { value: "name" }, t("report.sort_name")),
    h("optgroup", { label: t("report.sort_items") }, report.items.map(({ question }, at) => h("option", { value: `item-${at}` }, t("report.numbered", { n: at + 1, text: shortened(question) })))),
    points);
  return { element: h("label", { class: "field" }, h("span", {}, t("report.sort")), select), set: (by) => (select.value = by) };
}

const shortened = (text) => (text.length > 70 ? `${text.slice(0, 69)}…` : text);

function zoomChoice(id, changed) {
  return h("fieldset", { class: "choice" }, h("legend", {}, t("report.size")), ["near", "far"].map((size) =>
    h("label", {}, h("input", { type: "radio", name: id, value: size, checked: size === "near", onchange: () => changed(size) }), h("span", {}, t(`report.size_${size}`)))));
}

function legend() {
  const verdicts = ["covered", "partial", "missed", "contradicted"].map((verdict) => h("li", {}, h("i", { class: `swatch tone ${verdict}` }), t(`verdict.${verdict}`)));
  return h("ul", { class: "row legend small", "aria-label": t("report.legend") }, verdicts, h("li", {}, h("i", { class: "swatch" }, "–"), t("report.cell_unscored")), h("li", {}, h("i", { class: "swatch" }), t("report.cell_none")));
}

function pointedAt(report, grid, { candidate, column }) {
  const { name, coverage } = report.candidates[candidate];
  const mean = coverage === null ? t("report.no_marks") : t("report.mean", { share: percent(coverage) });
  if (column < 0) return [h("p", {}, h("a", { href: `#candidate-${candidate}` }, h("bdi", {}, name)), " · ", mean)];
  const { item, number, statement } = grid.columns[column];
  const code = grid.cells[candidate * grid.columns.length + column];
  return [
    h("p", { class: "row" }, h("a", { href: `#candidate-${candidate}-${item}` }, h("bdi", {}, name)), cellWords(code), h("span", { class: "soft" }, t("report.cell_place", { item: item + 1, point: number }))),
    h("p", {}, statement),
  ];
}

function cellWords(code) {
  const word = meaning(code);
  return word === "none" || word === "unscored" ? h("span", { class: "soft" }, t(`report.cell_${word}`)) : verdictMark(word);
}

/** The same as a table: the key points of one item, fifty candidates at a time, made when it is opened. */
function tableBehind(report, grid, order) {
  const select = h("select", { onchange: () => show() }, report.items.map(({ question }, at) => h("option", { value: at }, t("report.numbered", { n: at + 1, text: shortened(question) }))));
  const place = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("report.map") });
  const told = h("span", { class: "small soft", role: "status" });
  const step = (by) => () => show(Math.max(0, Math.min(first + by, order().length - 1)));
  const before = h("button", { class: "button small", type: "button", onclick: step(-ROWS) }, t("report.rows_before"));
  const after = h("button", { class: "button small", type: "button", onclick: step(ROWS) }, t("report.rows_after"));
  const details = h("details", { class: "behind", ontoggle: () => details.open && show() }, h("summary", { class: "small" }, t("report.as_table")),
    h("div", { class: "row tools" }, h("label", { class: "field" }, h("span", {}, t("report.head_question")), select), before, after, told), place);
  let first = 0;

  function show(from = 0) {
    first = from;
    const item = Number(select.value);
    const columns = [...grid.columns.entries()].filter(([, column]) => column.item === item);
    const rows = order().slice(first, first + ROWS);
    told.textContent = t("report.rows", { from: rows.length && first + 1, to: first + rows.length, all: order().length });
    before.hidden = first === 0;
    after.hidden = first + ROWS >= order().length;
    place.replaceChildren(h("table", { class: "table" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("report.candidate")), columns.map(([, { number, statement }]) => h("th", { scope: "col" }, `${number}. ${statement}`)))),
      h("tbody", {}, rows.map((at) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: `#candidate-${at}-${item}` }, h("bdi", {}, report.candidates[at].name))),
        columns.map(([column]) => h("td", {}, cellWords(grid.cells[at * grid.columns.length + column]))))))));
  }
  return { element: details, refresh: () => details.open && show() };
}
