// A follow-up question, answered in place: graded with only the key points that it belongs to.
import { post } from "../js/api.js";
import { $, h } from "../js/dom.js";
import { t } from "../js/messages.js";
import { graded } from "../js/graded.js";

/** The section with the first follow-up question of an attempt; null where the rubric has none. */
export function followUps(attempt, rubric, keep) {
  const asked = attempt.evaluation.follow_ups.find((question) => pointsOf(rubric, question).length);
  if (!asked) return null;
  const body = h("div", { class: "stack" });
  const section = h("section", { class: "follow-up card stack", "aria-labelledby": "follow-up-title" },
    h("p", { class: "eyebrow" }, t("practise.follow_up")), h("h2", { id: "follow-up-title" }, asked), body);
  const done = attempt.follow_ups.find((one) => one.question === asked);
  if (done) body.append(result(done));
  else body.append(form(asked, attempt, rubric, keep, body));
  return section;
}

function pointsOf(rubric, question) {
  const ids = rubric.follow_ups.find((one) => one.question === question)?.key_points ?? [];
  return rubric.key_points.filter((point) => ids.includes(point.id));
}

function form(question, attempt, rubric, keep, body) {
  const field = h("textarea", { rows: 4, class: "input", "aria-label": t("graded.your_answer"), placeholder: t("practise.placeholder") });
  const button = h("button", { class: "button primary" }, t("practise.submit"));
  const status = h("p", { class: "small soft", role: "status" });
  let busy = false;
  const submit = async (event) => {
    event.preventDefault();
    if (busy || !field.value.trim()) return;
    busy = true;
    button.ariaBusy = "true";
    status.textContent = "";
    try {
      const { topic, language, misconceptions } = rubric;
      const inline = { question, topic, language, misconceptions, key_points: pointsOf(rubric, question), levels: rubric.levels };
      const evaluation = await post("/v1/evaluations", { rubric: inline, answer: field.value, store: false });
      const answered = { question, text: field.value, evaluation };
      keep({ ...attempt, follow_ups: (attempt.follow_ups = [...attempt.follow_ups, answered]) });
      body.replaceChildren(result(answered));
      $(".level", body).focus();
    } catch (problem) {
      status.textContent = problem.words;
    }
    busy = false;
    button.ariaBusy = "false";
  };
  const element = h("form", { class: "stack tight", onsubmit: submit }, field, h("div", { class: "row apart" }, status, button));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) element.requestSubmit();
  });
  return element;
}

const result = ({ text, evaluation }) => graded(text, evaluation, { prefix: "f", heading: "h3" });
