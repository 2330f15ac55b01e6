// What the engine makes of a sample answer, beside what its author expects.
import { h, icon } from "../js/dom.js";
import { verdictMark } from "../js/graded.js";
import { spansOf } from "../js/marked.js";
import { number, t } from "../js/messages.js";

const VERDICTS = ["covered", "partial", "missed", "contradicted"];

/** How many verdicts are expected of a sample, and how many of these the engine gave. tried: null before it was. */
export function score(expected, tried) {
  const marked = (tried?.evaluation.key_points ?? []).filter((point) => expected[point.id]);
  return { all: marked.length, right: marked.filter((point) => expected[point.id] === point.verdict).length };
}

/** The engine's verdict on each point beside the one expected. expect(id, verdict) and expectAll() change what is. */
export function verdicts(evaluation, expected, expect, expectAll) {
  const rows = evaluation.key_points.map((point, index) => {
    const select = h("select", { class: "input", onchange: () => expect(point.id, select.value) },
      h("option", { value: "" }, t("author.nothing_expected")), VERDICTS.map((verdict) => h("option", { value: verdict }, t(`verdict.${verdict}`))));
    select.value = expected[point.id] ?? "";
    const sure = point.verdict === "partial" ? t("author.cannot_tell") : t("author.sure", { n: Math.round(point.confidence * 100) });
    return h("li", { id: `s-point-${index + 1}` },
      h("span", { class: "number", "aria-hidden": "true" }, number(index + 1)),
      h("p", { class: "statement" }, point.statement),
      h("div", {}, verdictMark(point.verdict), h("p", { class: "soft sure" }, sure)),
      h("div", { class: "expected" },
        h("label", {}, h("span", { class: "hidden" }, t("author.expected_of", { n: index + 1 })), select), agreement(expected[point.id], point.verdict)));
  });
  return h("div", { class: "stack tight" },
    h("ol", { class: "tried", "aria-label": t("graded.points") }, rows),
    h("div", {}, h("button", { class: "button small", type: "button", onclick: expectAll }, t("author.expect_all"))),
    wrong(evaluation));
}

const agreement = (expected, verdict) =>
  expected && h("span", { class: `verdict ${expected === verdict ? "covered" : "contradicted"}` }, icon(expected === verdict ? "covered" : "contradicted"),
    t(expected === verdict ? "author.as_expected" : "author.otherwise"));

const wrong = ({ misconceptions }) =>
  misconceptions.length > 0 && h("ul", { class: "stack tight" }, misconceptions.map((item) => h("li", { class: "row" }, verdictMark("misconception"), h("span", {}, item.statement))));

/** The text with the words that carry a point marked in it. */
export function answer({ text, evaluation, document: rubric }) {
  const marked = document.createElement("marked-answer");
  marked.className = "prose";
  marked.show(text, spansOf({ ...evaluation, misconceptions: placed(evaluation, rubric) }, "s"));
  return h("section", { class: "card said" }, h("h3", {}, t("author.carried")), marked);
}

/** The misconceptions in the places that they have in the rubric, so that they are numbered as in the map. */
const placed = (evaluation, { misconceptions = [] }) =>
  misconceptions.map((item) => evaluation.misconceptions.find((one) => one.statement === item.statement.trim()) ?? { evidence: [] });
