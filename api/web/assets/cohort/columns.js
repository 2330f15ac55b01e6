// What the columns of a file hold: the service's guess, to confirm or to change.
import { h, icon } from "../js/dom.js";
import { t } from "../js/messages.js";

const ROLES = ["answer", "question", "rubric", "candidate", "key", "own"];
const MOST_VALUES = 3;
const LONGEST = 90;

/** The form: { element, mapping() }, where mapping() gives { map } for the service, or { fault } in words. */
export function columnForm(preview, rubrics) {
  const byId = new Map(rubrics.map((rubric) => [rubric.id, rubric]));
  const rows = preview.columns.map((column, place) => row(column, place, preview.mapping, byId));
  const all = question("fixed", t("cohort.all_to_one"), preview.mapping?.fixed_rubric ?? "", byId);
  const element = h("div", { class: "stack" },
    notes(preview),
    h("datalist", { id: "known-rubrics" }, rubrics.map((rubric) => h("option", { value: rubric.id }, rubric.question))),
    h("table", { class: "table fold columns" },
      h("thead", {}, h("tr", {}, ["column", "values", "holds"].map((name) => h("th", { scope: "col" }, t(`cohort.head_${name}`))))),
      h("tbody", {}, rows.map((one) => one.element))),
    all.element);
  const roles = () => rows.map((one) => one.role());
  const settle = () => {
    rows.forEach((one) => one.settle());
    all.element.hidden = !roles().includes("answer") || roles().some((role) => role === "rubric" || role === "question");
  };
  element.addEventListener("change", settle);
  settle();
  return { element, mapping: () => mapping(rows, all) };
}

function notes({ doubts, fault }) {
  const said = fault ? [t("cohort.no_guess")] : doubts;
  return said.length > 0 && h("div", { class: "note warn" }, icon("unsure"), h("strong", {}, t(fault ? "cohort.please_tell" : "cohort.please_look")),
    h("ul", { class: "stack tight" }, said.map((words) => h("li", {}, words))));
}

function roleOf(name, map) {
  if (!map) return "own";
  if (map.questions && name in map.questions) return "question";
  return ["answer", "rubric", "candidate", "key"].find((role) => map[role] === name) ?? "own";
}

function row({ name, values }, place, map, byId) {
  const role = roleOf(name, map);
  const select = h("select", { class: "input", "aria-label": t("cohort.holds", { name }) },
    ROLES.map((one) => h("option", { value: one, selected: one === role }, t(`cohort.role_${one}`))));
  const asked = question(`question-${place}`, t("cohort.answers_to"), map?.questions?.[name] ?? "", byId);
  const shown = values.filter(Boolean).slice(0, MOST_VALUES).map((text) => h("li", {}, text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text));
  const element = h("tr", {},
    h("th", { scope: "row", "data-head": t("cohort.head_column") }, h("bdi", {}, name)),
    h("td", { "data-head": t("cohort.head_values") }, shown.length ? h("ul", { class: "values", dir: "auto" }, shown) : h("span", { class: "soft" }, t("cohort.no_values"))),
    h("td", { "data-head": t("cohort.head_holds") }, h("div", { class: "stack tight" }, select, asked.element)));
  return { name, element, role: () => select.value, asked, settle: () => (asked.element.hidden = select.value !== "question") };
}

/** A field for a rubric's id, which shows the question that it stands for. */
function question(id, label, value, byId) {
  const hint = h("span", { class: "hint", id: `${id}-hint` });
  const input = h("input", { id, list: "known-rubrics", autocomplete: "off", spellcheck: "false", "aria-describedby": hint.id, value, placeholder: t("cohort.rubric_example") });
  const rubric = () => byId.get(input.value.trim());
  const show = () => {
    hint.textContent = rubric()?.question ?? (input.value.trim() ? t("cohort.no_such_rubric") : "");
    hint.className = rubric() || !input.value.trim() ? "hint" : "fault";
  };
  input.addEventListener("input", show);
  show();
  return { element: h("label", { class: "field" }, h("span", {}, label), input, hint), input, rubric };
}

function mapping(rows, all) {
  const named = (role) => rows.filter((row) => row.role() === role);
  for (const role of ["answer", "rubric", "candidate", "key"]) {
    if (named(role).length > 1) return { fault: t("cohort.twice", { role: t(`cohort.role_${role}`) }) };
  }
  const [answer, rubric, candidate, key] = ["answer", "rubric", "candidate", "key"].map((role) => named(role)[0]?.name);
  const questions = named("question");
  if (questions.length) return wide(questions, { answer, rubric, candidate, key });
  if (!answer) return { fault: t("cohort.no_answer_column") };
  if (!rubric && !all.rubric()) return { fault: t("cohort.no_question"), field: all.input };
  return { map: { answer, candidate, key, ...(rubric ? { rubric } : { fixed_rubric: all.rubric().id }) } };
}

function wide(questions, { answer, rubric, candidate, key }) {
  if (answer || rubric || key) return { fault: t("cohort.two_forms") };
  const missing = questions.find((one) => !one.asked.rubric());
  if (missing) return { fault: t("cohort.column_without_question", { name: missing.name }), field: missing.asked.input };
  return { map: { candidate, questions: Object.fromEntries(questions.map((one) => [one.name, one.asked.rubric().id])) } };
}
