// A graded rubric: marks, points, the answer with its evidence, misconceptions, flags, and what to do next.
import { h, icon } from "./dom.js";
import { has, number, percent, t } from "./messages.js";
import { linked, spansOf } from "./marked.js";
import { levelName } from "./names.js";

// The engine itself says "can't tell" under this confidence (`certain` in grader/weights/calibration.json).
export const CERTAIN = 0.6;
const SURE = 0.9;
const FAIRLY = 0.75;
const ORDER = ["covered", "partial", "contradicted", "missed"];

/** Everything about one evaluation of a text. levels: the rubric's, for the scale; prefix: unique on the page. */
export function graded(text, evaluation, { levels = [], prefix = "a", heading = "h2" } = {}) {
  const answer = document.createElement("marked-answer");
  answer.className = "prose";
  answer.show(text, spansOf(evaluation, prefix));
  const root = h(
    "div",
    { class: "graded" },
    summary(evaluation, levels, prefix, heading),
    notes(evaluation),
    h("div", { class: "halves" }, h("section", { class: "card said" }, h("h3", {}, t("graded.your_answer")), answer),
      evaluation.key_points.length > 0 && pointList(evaluation, prefix)),
  );
  linked(root);
  return root;
}

function summary(evaluation, levels, prefix, heading) {
  if (evaluation.status === "unscored") {
    return h("div", { class: "score" }, h(heading, { tabindex: "-1", class: "level" }, t("graded.unscored")),
      h("p", {}, evaluation.feedback));
  }
  const marks = t("graded.points_of", { points: evaluation.points, max: evaluation.max_points });
  return h(
    "div",
    { class: "score stack" },
    h("div", { class: "row apart" },
      h(heading, { tabindex: "-1", class: "level" }, levelName(evaluation.level)),
      h("p", { class: "marks figure" }, marks)),
    strip(evaluation, levels, prefix),
    h("p", { class: "feedback" }, evaluation.feedback),
    evaluation.next_step && h("p", { class: "note" }, icon("up"), h("span", {}, evaluation.next_step)),
  );
}

/** The points side by side, as wide as they weigh, the earned ones first; under them where each level begins. */
function strip(evaluation, levels, prefix) {
  const numbered = evaluation.key_points.map((point, index) => ({ ...point, number: index + 1 }));
  const sorted = numbered.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const parts = sorted.map((point) =>
    h("li", { style: { "flex-grow": point.weight } },
      h("a", {
        class: `tone ${point.verdict}`,
        href: `#${prefix}-point-${point.number}`,
        "data-keys": `${prefix}-point-${point.number}`,
        "aria-label": t("graded.to_point", { number: point.number, verdict: t(`verdict.${point.verdict}`) }),
      }, point.number)));
  const ticks = levels.map((level) =>
    h("li", { class: level.name === evaluation.level ? "here" : "", style: { "--at": level.min_score } }, levelName(level.name)));
  return h("div", { class: "strip" }, h("ol", { class: "parts", "aria-label": t("graded.points") }, parts),
    levels.length > 1 && h("ol", { class: "ticks", "aria-label": t("graded.levels") }, ticks));
}

function notes(evaluation) {
  const flags = evaluation.flags.filter((flag) => flag.code !== "blank");
  const doubts = evaluation.review_reasons.some((reason) => reason.startsWith("uncertain"));
  const list = [
    doubts && h("div", { class: "note warn" }, icon("unsure"), h("strong", {}, t("graded.unsure_title")), h("p", {}, t("graded.unsure_text"))),
    ...flags.map((flag) =>
      h("div", { class: "note warn" }, icon("flag"),
        h("strong", {}, has(`flag.${flag.code}`) ? t(`flag.${flag.code}`) : flag.code.replaceAll("_", " ")),
        h("p", {}, flag.detail))),
  ].filter(Boolean);
  return list.length > 0 && h("div", { class: "stack tight" }, list);
}

function pointList(evaluation, prefix) {
  const counted = evaluation.key_points.filter((point) => point.verdict === "covered").length;
  const wrong = evaluation.misconceptions.map((item, index) => misconception(item, index + 1, prefix));
  return h(
    "section",
    { class: "notes" },
    h("h3", {}, t("graded.points_covered", { n: counted, all: evaluation.key_points.length })),
    h("ol", { class: "points" }, evaluation.key_points.map((point, index) => entry(point, index + 1, prefix))),
    wrong.length > 0 && [h("h3", {}, t("graded.misconceptions")), h("ol", { class: "points" }, wrong)],
  );
}

function entry(point, numberOf, prefix) {
  const key = `${prefix}-point-${numberOf}`;
  const said = point.verdict === "covered" && point.evidence.length > 0;
  return h(
    "li",
    { class: `point tone ${point.verdict}`, id: key, "data-keys": key, tabindex: "-1" },
    h("span", { class: "number", "aria-hidden": "true" }, numberOf),
    h("div", { class: "body" },
      h("p", { class: "statement" }, point.statement),
      h("p", { class: "row facts" }, verdictMark(point.verdict), h("span", { class: "soft" }, weight(point))),
      said ? quotes(point, key) : h("p", {}, point.feedback),
      !said && point.evidence.length > 0 && quotes(point, key, true),
      h("p", { class: "sure soft" }, certainty(point))),
  );
}

function misconception(item, numberOf, prefix) {
  const key = `${prefix}-wrong-${t("graded.misconception_number", { n: numberOf })}`;
  return h(
    "li",
    { class: "point tone misconception", id: key, "data-keys": key, tabindex: "-1" },
    h("span", { class: "number", "aria-hidden": "true" }, t("graded.misconception_number", { n: numberOf })),
    h("div", { class: "body" },
      h("p", { class: "statement" }, item.statement),
      h("p", { class: "row facts" }, verdictMark("misconception"),
        item.penalty > 0 && h("span", { class: "soft" }, t("graded.penalty", { n: item.penalty }))),
      item.correction && h("p", {}, item.correction),
      quotes(item, key, true),
      h("p", { class: "sure soft" }, agreed(item.confidence))),
  );
}

/** Symbol and word of a verdict. */
export function verdictMark(verdict) {
  return h("span", { class: `verdict ${verdict}` }, icon(verdict), t(`verdict.${verdict}`));
}

const weight = (point) =>
  t(point.required ? "graded.weight_required" : "graded.weight", { n: point.weight, earned: point.weight * point.credit });

function quotes({ evidence }, key, short = false) {
  const links = evidence.map(({ quote }) =>
    h("li", {}, h("button", { class: "quote", type: "button", "data-keys": key, onclick: toText }, icon("up"),
      short ? t("graded.in_answer") : t("graded.quoted", { quote: shortened(quote) }))));
  return h("ul", { class: "quotes" }, short ? links.slice(0, 1) : links);
}

function toText(event) {
  const { keys } = event.currentTarget.dataset;
  const target = event.currentTarget.closest(".graded").querySelector(`.ref[data-keys="${keys}"]`);
  target?.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
}

const shortened = (quote) => (quote.length > 160 ? `${quote.slice(0, 100).trimEnd()} … ${quote.slice(-50).trimStart()}` : quote);

/** How far to trust a verdict, in words. A partial one means that the engine can't tell. */
function certainty(point) {
  if (point.verdict === "partial") return [icon("unsure"), " ", t("graded.cant_tell_partial")];
  if (point.confidence < CERTAIN) return [icon("unsure"), " ", t("graded.cant_tell", { share: share(point.confidence) })];
  const name = point.confidence >= SURE ? "sure" : point.confidence >= FAIRLY ? "fairly_sure" : "not_so_sure";
  return [t(`graded.trust_${name}`), " · ", agreed(point.confidence)];
}

const share = (confidence) => number(Math.round(confidence * 100));
const agreed = (confidence) => t("graded.would_agree", { share: share(confidence) });

/** Coverage as text, for lists. */
export const coverageText = (evaluation) => (evaluation.coverage === null ? t("graded.unscored") : percent(evaluation.coverage));
