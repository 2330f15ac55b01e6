// A second attempt beside the first: what became of the points, and which words changed.
import { h, icon } from "../js/dom.js";
import { number, t } from "../js/messages.js";
import { diff, pointChanges } from "../js/diff.js";
import { verdictMark } from "../js/graded.js";

const RANK = { contradicted: 0, missed: 0, partial: 1, covered: 2 };

/** The section "What changed". number: which attempt `before` was, from 1. */
export function compared(before, after, numberBefore) {
  const changes = pointChanges(before.evaluation, after.evaluation);
  const moved = changes.filter((change) => change.before && change.before !== change.after);
  return h(
    "section",
    { class: "compared stack", "aria-labelledby": "compared-title" },
    h("h2", { id: "compared-title" }, t("practise.changed_since", { n: numberBefore })),
    h("p", { class: "lead" }, headline(before.evaluation, after.evaluation, moved)),
    moved.length > 0 && h("ul", { class: "changes" }, moved.map(change)),
    h("div", { class: "halves even" },
      side(t("practise.attempt", { n: numberBefore }), before.text, after.text, "in"),
      side(t("practise.attempt", { n: numberBefore + 1 }), before.text, after.text, "out")),
  );
}

function headline(before, after, moved) {
  if (before.points === null || after.points === null) return t("practise.not_comparable");
  const difference = after.points - before.points;
  const better = moved.filter((one) => RANK[one.after] > RANK[one.before]).length;
  const worse = moved.filter((one) => RANK[one.after] < RANK[one.before]).length;
  const sign = difference > 0 ? "up" : difference < 0 ? "down" : "level";
  return [
    t(`practise.points_${sign}`, { n: Math.abs(difference) }),
    better ? ` ${t("practise.better", { n: better })}` : "",
    worse ? ` ${t("practise.worse", { n: worse })}` : "",
  ];
}

function change(one) {
  return h("li", {},
    h("span", { class: "number", "aria-hidden": "true" }, number(one.number)),
    h("span", { class: "statement" }, one.statement),
    h("span", { class: "row" }, verdictMark(one.before), icon("next"), h("span", { class: "hidden" }, t("practise.became")), verdictMark(one.after)));
}

function side(title, before, after, without) {
  const parts = diff(before, after).filter((part) => part.kind !== without);
  const shown = parts.map(({ kind, text }) => (kind === "same" ? text : h(kind === "in" ? "ins" : "del", {}, text)));
  return h("section", { class: "card said" }, h("h3", {}, title), h("p", { class: "prose" }, shown));
}
