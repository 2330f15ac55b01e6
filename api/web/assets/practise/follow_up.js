// A follow-up question, answered in place: graded with only the key points that it belongs to.
import { post } from "../js/api.js";
import { $, h } from "../js/dom.js";
import { graded } from "../js/graded.js";
import { t } from "../js/messages.js";

/** The section with the follow-up question of an attempt; null where there is none. keep: stores the changed attempt. */
export function followUps(attempt, rubric, keep) {
  const asked = attempt.evaluation.follow_ups.find((question) => pointsOf(rubric, question).length);
  if (!asked) return null;
  const body = h("div", {});
  const answered = attempt.follow_ups.find((one) => one.question === asked);
  const finish = (one) => {
    attempt.follow_ups.push(one);
    keep(attempt);
    body.replaceChildren(result(one, true));
    $(".level", body).focus();
  };
  body.append(answered ? result(answered) : form(asked, rubric, finish));
  return h("section", { class: "follow-up card stack", "aria-labelledby": "follow-up-title" },
    h("p", { class: "eyebrow" }, t("practise.follow_up")), h("h2", { id: "follow-up-title" }, asked), body);
}

const result = ({ text, evaluation }, fresh = false) => graded(text, evaluation, { prefix: "f", heading: "h3", fresh });

function pointsOf(rubric, question) {
  const ids = rubric.follow_ups.find((one) => one.question === question)?.key_points ?? [];
  return rubric.key_points.filter((point) => ids.includes(point.id));
}

function form(question, rubric, finish) {
  const field = h("textarea", { rows: 4, class: "input", "aria-label": t("graded.your_answer"), placeholder: t("practise.placeholder") });
  const button = h("button", { class: "button primary" }, t("practise.submit"));
  const status = h("p", { class: "small", role: "status" });
  let busy = false;

  async function handIn(event) {
    event.preventDefault();
    if (busy) return;
    if (!field.value.trim()) return void (status.textContent = t("practise.empty"));
    busy = field.readOnly = true;
    button.ariaBusy = "true";
    status.textContent = "";
    try {
      const { topic, language, misconceptions, levels } = rubric;
      const narrowed = { question, topic, language, misconceptions, levels, key_points: pointsOf(rubric, question) };
      const text = field.value;
      return finish({ question, text, evaluation: await post("/v1/evaluations", { rubric: narrowed, answer: text, store: false }) });
    } catch (problem) {
      status.textContent = problem.words;
    }
    busy = field.readOnly = false;
    button.ariaBusy = "false";
  }

  const element = h("form", { class: "stack tight", onsubmit: handIn }, field, h("div", { class: "row apart" }, status, button));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) element.requestSubmit();
  });
  return element;
}
