// One candidate: every answer with its graded rubric.
import { get } from "../js/api.js";
import { h, icon } from "../js/dom.js";
import { percent, t } from "../js/messages.js";
import { graded } from "../js/graded.js";
import { toast } from "../js/toast.js";
import { evaluationOf } from "./model.js";
import { said } from "./trouble.js";

/** The candidate at a position. order: positions as the map has them, for the one before and the one after. */
export function candidateView(report, position, order) {
  const { name, coverage, answers } = report.candidates[position];
  const at = order.indexOf(position);
  const link = (to, label, kind) => to !== undefined && h("a", { class: "button small", href: `#candidate-${to}`, rel: kind }, label);
  return h("article", { class: "stack loose candidate" },
    h("nav", { class: "row apart no-print", "aria-label": t("report.candidates_nav") },
      h("a", { class: "button small", href: "#map" }, icon("up"), t("report.back")),
      h("span", { class: "row" }, at >= 0 && link(order[at - 1], t("report.before"), "prev"), at >= 0 && link(order[at + 1], t("report.after"), "next"))),
    h("header", { class: "stack tight" },
      h("h1", { class: "candidate-name", tabindex: "-1" }, h("bdi", {}, name)),
      h("p", { class: "soft" }, coverage === null ? t("report.no_marks") : t("report.mean", { share: percent(coverage) }), " · ", t("report.answers_of", { n: answers.length }))),
    answers.map((one) => answerOf(report, one)));
}

function answerOf(report, position) {
  const answer = report.answers[position];
  const rest = (answer.columns ?? []).filter(({ value }) => value);
  return h("section", { class: "stack answer-of", id: `answer-${position}`, "data-item": answer.item, "aria-labelledby": `answer-${position}-title` },
    h("h2", { id: `answer-${position}-title`, tabindex: "-1" }, t("report.numbered", { n: answer.item + 1, text: report.items[answer.item].question })),
    (rest.length > 0 || !answer.counts) && h("p", { class: "row small soft" }, !answer.counts && h("span", { class: "tag" }, t("report.earlier")), rest.map(({ name, value }) => h("span", {}, h("bdi", {}, name), ": ", h("bdi", {}, value)))),
    answer.status === "unscored" && h("p", { class: "note" }, icon("unsure"), h("span", {}, answer.unscored_reason)),
    graded(answer.answer, evaluationOf(report, answer), { prefix: `a${position}`, heading: "h3", title: t("report.the_answer") }),
    !report.names_hidden && answer.status === "scored" && h("p", { class: "no-print" },
      h("button", { class: "button small", type: "button", onclick: ({ currentTarget }) => review(report, answer, currentTarget) }, t("report.review_answer"), icon("next"))));
}

/** Open the review of an answer. The report doesn't tell its evaluation, the list of the candidate's evaluations does. */
async function review(report, answer, button) {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  const query = new URLSearchParams({ candidate_id: report.candidates[answer.candidate].name, rubric_id: report.items[answer.item].rubric, limit: 200 });
  try {
    const found = await evaluationWith(answer.answer, (await get(`/v1/evaluations?${query}`)).items);
    if (found) location.href = `/review?evaluation=${found.id}`;
    else toast(t("review.open_failed"), { kind: "bad" });
  } catch (problem) {
    toast(said(problem), { kind: "bad" });
  }
  button.ariaBusy = "false";
}

/** The first of these evaluations that is of this text. A list doesn't tell texts. */
async function evaluationWith(text, listed) {
  for (const { id } of listed) {
    const found = await get(`/v1/evaluations/${id}`);
    if (found.answer.text === text) return found;
  }
  return null;
}
