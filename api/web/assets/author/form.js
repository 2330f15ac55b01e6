// The form: every part of a rubric as fields.
import { get } from "../js/api.js";
import { $, h, icon } from "../js/dom.js";
import { t } from "../js/messages.js";
import { topicName } from "../js/names.js";
import { named } from "./drafts.js";
import { Binding, handles } from "./fields.js";

const KINDS = ["concept", "comparison", "procedure", "scenario", "calculation", "coding", "open"];
const DIFFICULTIES = ["core", "intermediate", "advanced"];
const NEW = {
  key_points: () => ({ id: null, statement: "", weight: 1, required: false, terms: [], says: [], denies: [], near: [], missed: "" }),
  misconceptions: () => ({ id: null, statement: "", says: [], correction: "", penalty: 0 }),
  levels: () => ({ name: "", min_score: 1, needs_required: false }),
  follow_ups: () => ({ question: "", key_points: [] }),
};

/** Show a document in `root`. isStored: its id can't be changed. changed(): the document was. */
export function showForm(root, document, { isStored, changed }) {
  const open = new Set([...root.querySelectorAll("details[open]")].map((one) => one.dataset.part));
  const bind = new Binding(document, changed);
  const redraw = (focus) => {
    showForm(root, document, { isStored, changed });
    changed();
    const target = focus && ($(focus, root) ?? $("[data-add]", root));
    target?.focus();
  };
  const question = bind.area(["question"], t("author.question"), { rows: 2, class: "asked", maxlength: 2000 });
  root.replaceChildren(
    question,
    section(t("author.key_points"), "key_points", document, redraw, (index) => keyPoint(bind, document, index, open, redraw)),
    section(t("author.misconceptions"), "misconceptions", document, redraw, (index) => misconception(bind, document, index, redraw)),
    folded("reference", t("author.reference_answer"), open,
      bind.area(["reference_answer"], t("author.reference_answer"), { rows: 8, hint: t("author.reference_hint") })),
    folded("follow_ups", t("author.follow_ups"), open,
      section("", "follow_ups", document, redraw, (index) => followUp(bind, document, index, redraw))),
    folded("levels", t("author.levels"), open,
      section("", "levels", document, redraw, (index) => level(bind, document, index, redraw))),
    folded("about", t("author.about"), open, about(bind, isStored)),
  );
  $("textarea", question).addEventListener("change", () => {
    if (isStored || (document.id && document.id !== "inline") || !document.question.trim()) return;
    document.id = named(document.question, []);
    $('[data-path="id"]', root).value = document.id;
    changed();
  });
}

/** A part that is shut until it is asked for. */
function folded(part, title, open, ...content) {
  return h("details", { class: "folded", "data-part": part, open: open.has(part) },
    h("summary", {}, h("span", {}, title), h("span", { class: "tag faults", hidden: true })), h("div", { class: "stack" }, content));
}

function section(title, part, document, redraw, show) {
  document[part] ??= [];
  const add = () => {
    document[part].push(NEW[part]());
    redraw(`[data-path="${part}[${document[part].length - 1}].${part === "levels" ? "name" : part === "follow_ups" ? "question" : "statement"}"]`);
  };
  return h("section", { class: "stack tight" },
    title && h("h2", {}, title),
    h("ol", { class: "parts-list" }, document[part].map((_, index) => h("li", { class: "part", "data-path": `${part}[${index}]`, tabindex: "-1" }, show(index)))),
    h("div", {}, h("button", { class: "button small", type: "button", "data-add": part, onclick: add }, icon("plus"), t(`author.add_${part}`))));
}

const head = (document, part, index, redraw) =>
  h("div", { class: "row apart" },
    h("h3", { class: "eyebrow" }, t(`author.one_${part}`, { n: index + 1 })),
    handles(document[part], index, part, (to) => redraw(to < 0 ? "" : `li[data-path="${part}[${to}]"]`)));

function keyPoint(bind, document, index, open, redraw) {
  const path = ["key_points", index];
  const point = document.key_points[index];
  const statement = bind.area([...path, "statement"], t("author.statement"), { rows: 2, maxlength: 2000 });
  $("textarea", statement).addEventListener("change", () => {
    point.id ||= named(point.statement, document.key_points.map((one) => one.id));
    bind.changed();
  });
  const kinds = ["says", "denies", "near"];
  const count = kinds.map((kind) => t(`author.n_${kind}`, { n: point[kind]?.length ?? 0 })).join(" · ");
  return [
    head(document, "key_points", index, redraw),
    statement,
    h("div", { class: "row" },
      bind.number([...path, "weight"], t("author.weight"), { min: 0, max: 1000, step: "any", class: "short" }),
      bind.check([...path, "required"], t("author.required"))),
    folded(`point-${point.id ?? index}`, `${t("author.wordings")}: ${count}`, open,
      kinds.map((kind) => bind.lines([...path, kind], t(`author.${kind}`), { hint: t(`author.${kind}_hint`) })),
      bind.area([...path, "missed"], t("author.missed"), { hint: t("author.missed_hint") }),
      bind.words([...path, "terms"], t("author.terms"), { hint: t("author.terms_hint") }),
      bind.text([...path, "id"], t("author.point_id"), { spellcheck: false })),
  ];
}

function misconception(bind, document, index, redraw) {
  const path = ["misconceptions", index];
  return [
    head(document, "misconceptions", index, redraw),
    bind.area([...path, "statement"], t("author.statement"), { rows: 2 }),
    bind.lines([...path, "says"], t("author.says"), { hint: t("author.lines_hint") }),
    bind.area([...path, "correction"], t("author.correction")),
    bind.number([...path, "penalty"], t("author.penalty"), { min: 0, max: 1000, step: "any", class: "short" }),
  ];
}

function level(bind, document, index, redraw) {
  const path = ["levels", index];
  return [
    head(document, "levels", index, redraw),
    h("div", { class: "row" },
      bind.text([...path, "name"], t("author.level_name")),
      bind.number([...path, "min_score"], t("author.min_score"), { min: 0, max: 1, step: 0.05, class: "short" }),
      bind.check([...path, "needs_required"], t("author.needs_required"))),
  ];
}

function followUp(bind, document, index, redraw) {
  const path = ["follow_ups", index];
  return [
    head(document, "follow_ups", index, redraw),
    bind.area([...path, "question"], t("author.question"), { rows: 2 }),
    bind.words([...path, "key_points"], t("author.of_points"), { hint: t("author.of_points_hint") }),
  ];
}

function about(bind, isStored) {
  const topic = bind.text(["topic"], t("author.topic"), { list: "topics", spellcheck: false });
  const topics = h("datalist", { id: "topics" });
  $("input", topic).addEventListener("focus", () => fill(topics), { once: true });
  const options = (part, names) => names.map((name) => [name, t(`${part}.${name}`)]);
  return [
    bind.text(["id"], t("author.id"), { readonly: isStored, spellcheck: false, hint: t(isStored ? "author.id_stays" : "author.id_hint") }),
    topic,
    topics,
    h("div", { class: "pairs" },
      bind.select(["kind"], t("author.kind"), options("kind", KINDS)),
      bind.select(["difficulty"], t("author.difficulty"), options("difficulty", DIFFICULTIES)),
      bind.text(["language"], t("author.language"), { spellcheck: false }),
      bind.words(["guides"], t("author.guides")),
      bind.text(["author"], t("author.author")),
      bind.text(["licence"], t("author.licence"))),
  ];
}

/** The topics that there are; without them the field is written by hand. */
async function fill(topics) {
  const { items } = await get("/v1/topics").catch(() => ({ items: [] }));
  topics.replaceChildren(...items.filter((one) => one.topic).map((one) => h("option", { value: one.topic }, topicName(one.topic))));
}
