// Versions: when each was published, what changed from one to another, and back to one of them.
import { get } from "../js/api.js";
import { h, icon } from "../js/dom.js";
import { moment, number, t } from "../js/messages.js";
import { changes } from "./changes.js";

const DRAFT = "draft";

/** Show the pane in `root`; update(document) is called whenever the draft changes. */
export function open(root, { rubricId, state: editor, restore }) {
  const state = { rubricId, editor, restore, versions: [], loaded: new Map(), from: "", to: DRAFT, document: editor.document, seen: 0 };
  const out = h("div", { class: "stack" });
  const pane = { root, out, state };
  if (!rubricId) root.replaceChildren(h("p", { class: "soft" }, t("author.no_versions")));
  return {
    async update(document) {
      state.document = document;
      if (!rubricId) return;
      if (state.seen !== editor.latest.version) await load(pane);
      else if (state.to === DRAFT || state.from === DRAFT) await compare(pane);
    },
  };
}

async function load(pane) {
  const { state } = pane;
  state.seen = state.editor.latest.version;
  try {
    state.versions = (await get(`/v1/rubrics/${encodeURIComponent(state.rubricId)}/versions`)).items;
  } catch (problem) {
    state.seen = 0;
    return pane.root.replaceChildren(h("p", { class: "note bad" }, icon("flag"), h("span", {}, problem.words)));
  }
  state.from = String(state.versions[0].version);
  state.to = DRAFT;
  draw(pane);
  await compare(pane);
}

function draw(pane) {
  const { state, root, out } = pane;
  const options = [[DRAFT, t("author.this_draft")], ...state.versions.map(({ version }) => [String(version), t("author.version", { n: version })])];
  const select = (side) => {
    const control = h("select", { onchange: () => {
      state[side] = control.value;
      compare(pane);
    } }, options.map(([value, name]) => h("option", { value }, name)));
    control.value = state[side];
    return h("label", { class: "field" }, h("span", {}, t(`author.compare_${side}`)), control);
  };
  const rows = state.versions.map((one) =>
    h("tr", {},
      h("th", { scope: "row" }, t("author.version", { n: one.version })),
      h("td", {}, moment(one.created_at)),
      h("td", {}, t(`author.source_${one.source}`)),
      h("td", {}, h("button", { class: "button ghost small", type: "button", "aria-label": t("author.use_version", { n: one.version }), onclick: () => back(pane, one.version) }, t("author.use")))));
  root.replaceChildren(
    h("div", { class: "scroll" }, h("table", { class: "table" }, h("caption", { class: "hidden" }, t("author.versions")), h("tbody", {}, rows))),
    h("div", { class: "pairs" }, select("from"), select("to")),
    out,
  );
}

async function documentOf({ state }, which) {
  if (which === DRAFT) return state.document;
  if (!state.loaded.has(which)) {
    state.loaded.set(which, (await get(`/v1/rubrics/${encodeURIComponent(state.rubricId)}/versions/${which}`)).rubric);
  }
  return state.loaded.get(which);
}

async function back(pane, version) {
  try {
    pane.state.restore(await documentOf(pane, String(version)));
  } catch (problem) {
    failed(pane, problem);
  }
}

const failed = ({ out }, problem) => out.replaceChildren(h("p", { class: "note bad" }, icon("flag"), h("span", {}, problem.words)));

async function compare(pane) {
  const { state, out } = pane;
  const { from, to } = state;
  try {
    const [before, after] = [await documentOf(pane, from), await documentOf(pane, to)];
    if (state.from !== from || state.to !== to) return; // another choice was made meanwhile
    const found = changes(before, after);
    out.replaceChildren(found.length ? h("ol", { class: "changed" }, found.map(entry)) : h("p", { class: "soft" }, t("author.no_changes")));
  } catch (problem) {
    failed(pane, problem);
  }
}

const SIGN = { in: "plus", out: "close", changed: "partial", moved: "down" };

function entry({ part, kind, name, fields }) {
  const title = h(kind === "in" ? "ins" : kind === "out" ? "del" : "span", {}, name || t("author.the_rubric"));
  return h("li", { class: "stack tight" },
    h("p", { class: "eyebrow row" }, icon(SIGN[kind]), h("span", {}, t(`author.change_${kind}`)), part !== "rubric" && h("span", {}, t(`author.a_${part}`))),
    !fields.some((one) => one.field === "statement") && h("p", { class: "statement" }, title),
    fields.length > 0 && h("dl", {}, fields.flatMap((field) => [h("dt", {}, t(`author.f_${field.field}`)), h("dd", {}, shown(field))])));
}

function shown({ steps, ins, outs, before, after }) {
  if (steps) return steps.map(({ kind, text }) => (kind === "same" ? text : h(kind === "in" ? "ins" : "del", {}, text)));
  if (ins) {
    const rows = [...outs.map((one) => h("del", {}, one)), ...ins.map((one) => h("ins", {}, one))];
    return rows.length ? h("ul", {}, rows.map((one) => h("li", {}, one))) : t("author.change_moved");
  }
  return [h("del", {}, said(before)), " ", h("ins", {}, said(after))];
}

const said = (value) => (value === true ? t("author.yes") : value === "" ? t("author.no") : typeof value === "number" ? number(value) : value);
