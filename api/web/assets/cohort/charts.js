// Small charts made of elements, each readable in black and white and with its table behind it.
import { h } from "../js/dom.js";
import { number, percent, t } from "../js/messages.js";
import { VERDICTS } from "./model.js";

/** How coverages are spread: { counts, mean, median } in ten steps. */
export function histogram(bins, { id, caption, unit }) {
  const most = Math.max(...bins.counts, 1);
  const steps = bins.counts.map((count, index) => ({ count, from: index / bins.counts.length, to: (index + 1) / bins.counts.length }));
  const label = ({ from, to }) => t("report.from_to", { from: Math.round(from * 100), to: Math.round(to * 100) });
  const bars = steps.map((step) =>
    h("div", { class: "step" }, h("span", { class: "count figure" }, step.count || ""), h("i", { style: { "--share": step.count / most } })));
  const mean = bins.mean !== null && h("div", { class: "mean", style: { "--at": bins.mean } }, h("span", {}, t("report.mean", { share: percent(bins.mean) })));
  const words = bins.mean === null ? t("report.no_marks") : t("report.spread", { unit, mean: percent(bins.mean), median: percent(bins.median) });
  return h("figure", { class: "histogram stack tight", "aria-labelledby": id },
    h("figcaption", { id, class: "stack tight" }, h("h3", {}, caption), h("p", { class: "small soft" }, words)),
    h("div", { class: "plot", "aria-hidden": "true" }, h("div", { class: "steps" }, bars), mean,
      h("div", { class: "axis small soft" }, [0, 25, 50, 75, 100].map((at) => h("span", {}, percent(at / 100))))),
    behind(h("table", { class: "table" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("report.coverage")), h("th", { scope: "col", class: "num" }, unit))),
      h("tbody", {}, steps.map((step) => h("tr", {}, h("th", { scope: "row" }, label(step)), h("td", { class: "num" }, number(step.count))))))));
}

/** What is under a chart, folded away. */
export const behind = (table) => h("details", { class: "behind" }, h("summary", { class: "small" }, t("report.as_table")), h("div", { class: "scroll", tabindex: "0" }, table));

/** How many answers got each verdict on a key point. */
export function verdictBar(point) {
  const all = VERDICTS.reduce((sum, verdict) => sum + point[verdict], 0);
  const words = VERDICTS.filter((verdict) => point[verdict]).map((verdict) => t("report.so_many", { n: point[verdict], verdict: t(`verdict.${verdict}`) }));
  const parts = VERDICTS.filter((verdict) => point[verdict]).map((verdict) =>
    h("i", { class: `tone ${verdict}`, style: { "flex-grow": point[verdict] } }, h("span", {}, point[verdict] / all > 0.08 ? number(point[verdict]) : "")));
  return h("div", { class: "verdicts figure", role: "img", "aria-label": words.join(", ") || t("report.no_marks") }, parts);
}

/** A share as a bar with its figure beside it. */
export function measure(share) {
  if (share === null) return h("span", { class: "soft" }, "–");
  return h("div", { class: "measure" }, h("div", { class: "bar", "aria-hidden": "true", style: { "--share": share } }, h("i", {})), h("span", { class: "figure" }, percent(share)));
}
