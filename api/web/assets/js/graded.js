// A graded rubric: marks, points, the answer with its evidence, misconceptions, flags, and what to do next.
import { h, icon } from "./dom.js";
import { has, number, t } from "./messages.js";
import { linked, spansOf } from "./marked.js";
import { levelName } from "./names.js";

// The engine itself says "can't tell" under this confidence (`certain` in grader/weights/calibration.json).
export const CERTAIN = 0.62;
const SURE = 0.9;
const FAIRLY = 0.75;
const ORDER = ["covered", "partial", "contradicted", "missed"];

/**
 * Everything about one evaluation of a text. levels: the rubric's, for the scale; prefix: unique on the page;
 * heading: the element of its title; title: over the text; fresh: the marks are drawn one after another.
 */
export function graded(text, evaluation, { levels = [], prefix = "a", heading = "h2", title = t("graded.your_answer"), fresh = false } = {}) {
  const root = h(
    "div",
    { class: `graded${fresh ? " fresh" : ""}` },
    summary(evaluation, levels, prefix, heading),
    notes(evaluation),
    h("div", { class: "halves" }, reading(text, evaluation, prefix, title), evaluation.key_points.length > 0 && pointList(evaluation, prefix)),
  );
  linked(root);
  return root;
}

function summary(evaluation, levels, prefix, heading) {
  const { status, feedback, level, points, max_points: max, next_step: next } = evaluation;
  if (status === "unscored") {
    return h("div", { class: "score stack tight" }, h(heading, { tabindex: "-1", class: "level" }, t("graded.unscored")), h("p", {}, feedback));
  }
  return h(
    "div",
    { class: "score stack" },
    h("div", { class: "row apart" }, h(heading, { tabindex: "-1", class: "level" }, levelName(level)),
      h("p", { class: "marks figure" }, t("graded.points_of", { points, max }))),
    strip(evaluation, levels, prefix),
    next && h("p", { class: "note" }, icon("up"), h("span", {}, next)),
  );
}

/** The points side by side, as wide as they weigh, the earned ones first; under them where each level begins. */
function strip(evaluation, levels, prefix) {
  const numbered = evaluation.key_points.map((point, index) => ({ ...point, number: index + 1 }));
  const parts = numbered.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict)).map((point) => {
    const key = `${prefix}-point-${point.number}`;
    const label = t("graded.to_point", { number: point.number, verdict: t(`verdict.${point.verdict}`) });
    const link = h("a", { class: `tone ${point.verdict}`, href: `#${key}`, "data-keys": key, "aria-label": label }, point.number);
    return h("li", { style: { "flex-grow": point.weight } }, link);
  });
  const ticks = levels.map((level) =>
    h("li", { class: level.name === evaluation.level && "here", style: { "--at": level.min_score } }, h("span", {}, levelName(level.name))));
  return h("div", { class: "strip" }, h("ol", { class: "parts", "aria-label": t("graded.points") }, parts),
    levels.length > 1 && h("ol", { class: "ticks", "aria-label": t("graded.levels") }, ticks));
}

function notes({ flags, review_reasons: reasons }) {
  const doubt = reasons.some((reason) => reason.startsWith("uncertain")) && note("unsure", t("graded.unsure_title"), t("graded.unsure_text"));
  const told = flags.filter(({ code }) => code !== "blank").map(({ code, detail }) => note("flag", has(`flag.${code}`) ? t(`flag.${code}`) : code, detail));
  const list = [doubt, ...told].filter(Boolean);
  return list.length > 0 && h("div", { class: "stack tight" }, list);
}

const note = (name, title, text) => h("div", { class: "note warn" }, icon(name), h("strong", {}, title), h("p", {}, text));

function reading(text, evaluation, prefix, title) {
  const answer = document.createElement("marked-answer");
  answer.className = "prose";
  answer.show(text, spansOf(evaluation, prefix));
  return h(
    "div",
    { class: "reading stack" },
    h("section", { class: "card said" }, h("h3", {}, title), answer),
    evaluation.status === "scored" && h("section", { class: "feedback stack tight" }, h("h3", {}, t("graded.feedback")), h("p", {}, evaluation.feedback)),
  );
}

function pointList(evaluation, prefix) {
  const covered = evaluation.key_points.filter((point) => point.verdict === "covered").length;
  const wrong = evaluation.misconceptions.map((item, index) => misconception(item, index + 1, prefix));
  return h(
    "section",
    { class: "notes" },
    h("h3", {}, t("graded.points_covered", { n: covered, all: evaluation.key_points.length })),
    h("ol", { class: "points" }, evaluation.key_points.map((point, index) => keyPoint(point, index + 1, prefix))),
    wrong.length > 0 && [h("h3", {}, t("graded.misconceptions")), h("ol", { class: "points" }, wrong)],
  );
}

function keyPoint(point, index, prefix) {
  const worth = { n: point.weight, earned: point.weight * point.credit };
  return entry(`${prefix}-point-${index}`, number(index), point.verdict, point, [
    h("p", { class: "row facts" }, verdictMark(point.verdict),
      h("span", {}, t(point.required ? "graded.weight_required" : "graded.weight", worth))),
    point.verdict !== "covered" && h("p", {}, point.feedback),
    trust(point),
  ]);
}

function misconception(item, index, prefix) {
  const name = t("graded.misconception_number", { n: index });
  return entry(`${prefix}-wrong-${index}`, name, "misconception", item, [
    h("p", { class: "row facts" }, verdictMark("misconception"),
      item.penalty > 0 && h("span", {}, t("graded.penalty", { n: item.penalty }))),
    item.correction && h("p", {}, item.correction),
    h("p", { class: "trust" }, agreed(item.confidence)),
  ]);
}

/** One line of the list; its number leads to the words in the answer, where there are any. */
function entry(key, name, kind, { statement, evidence }, content) {
  const label = t("graded.to_answer", { number: name });
  const badge = evidence.length
    ? h("a", { class: "number", href: `#${key}-said`, "aria-label": label, title: label }, name)
    : h("span", { class: "number" }, name);
  return h("li", { class: `point keep tone ${kind}`, id: key, "data-keys": key, tabindex: "-1" }, badge,
    h("div", { class: "body" }, h("p", { class: "statement" }, statement), content));
}

/** Symbol and word of a verdict. */
export const verdictMark = (verdict) => h("span", { class: `verdict ${verdict}` }, icon(verdict), t(`verdict.${verdict}`));

/** How far to trust a verdict, in words. A partial one always means that the engine can't tell. */
function trust({ verdict, confidence }) {
  const doubt = (words) => h("p", { class: "trust doubt" }, icon("unsure"), h("span", {}, words));
  if (verdict === "partial") return doubt(t("graded.cant_tell_partial"));
  if (confidence < CERTAIN) return doubt(t("graded.cant_tell", { share: share(confidence) }));
  const name = confidence >= SURE ? "sure" : confidence >= FAIRLY ? "fairly_sure" : "not_so_sure";
  return h("p", { class: "trust" }, `${t(`graded.trust_${name}`)}: ${agreed(confidence)}`);
}

const share = (confidence) => number(Math.min(99, Math.round(confidence * 100))); // never certain
const agreed = (confidence) => t("graded.would_agree", { share: share(confidence) });
