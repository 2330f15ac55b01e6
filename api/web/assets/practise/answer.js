// One question: write, hand in, read the graded rubric, improve the answer.
import "../js/shell.js";
import { get, post } from "../js/api.js";
import { $, h, icon } from "../js/dom.js";
import { graded } from "../js/graded.js";
import { number, t } from "../js/messages.js";
import { topicName } from "../js/names.js";
import { toast } from "../js/toast.js";
import { attemptsAt, changed, draft, keep, newId } from "./attempts.js";
import { compared } from "./compare.js";
import { filter } from "./draw.js";
import { editor } from "./editor.js";
import { goToDrawn } from "./filter.js";
import { followUps } from "./follow_up.js";
import { countSession } from "./places.js";

const PATIENCE = 120_000; // milliseconds in which a starting service is waited for
const SLOW = 4_000; // from here the page says that it is still waiting

const rubricId = decodeURIComponent(location.pathname.split("/").pop());
const say = (text) => ($("#progress").textContent = text);
const starting = { patience: PATIENCE, waiting: () => say(t("practise.starting")) };
let rubric = null;
let sheet = null;
let busy = false;
let done = attemptsAt(rubricId);

async function start() {
  try {
    const path = `/v1/rubrics/${encodeURIComponent(rubricId)}`;
    const [read, info] = await Promise.all([get(path, starting), get("/v1/info", starting)]);
    rubric = read.rubric;
    describe();
    const { question, topic } = rubric;
    sheet = editor({ rubric_id: rubricId, question, topic }, info.limits.max_answer_chars, handIn);
  } catch (problem) {
    $("#question").textContent = t(problem.status === 404 ? "practise.no_such_question" : "practise.not_loaded");
    return fail(problem, () => location.reload());
  }
  say("");
  const begun = draft(rubricId); // goes on being written; otherwise the last result is shown, or an empty sheet
  if (begun || !done.length) write(begun?.text ?? "");
  else show(done.at(-1));
}

function describe() {
  const { question, topic, difficulty, kind } = rubric;
  document.title = `${question} · ${t("common.product")}`;
  $("#question").textContent = question;
  $("#about").replaceChildren(
    h("a", { href: `/questions?${new URLSearchParams({ topic })}` }, topicName(topic)),
    h("span", {}, t(`difficulty.${difficulty}`)),
    h("span", {}, t(`kind.${kind}`)),
  );
}

function write(text) {
  $("#result").hidden = true;
  sheet.open(text, done.at(-1), rubric);
}

function fail(problem, again) {
  const details = problem.status === 422 ? problem.errors.map((error) => h("p", { class: "small" }, error.message)) : [];
  const button = h("button", { class: "button small", type: "button", onclick: again }, icon("again"), t("common.again"));
  $("#problem").replaceChildren(h("div", { class: "note bad" }, icon("flag"), h("p", {}, problem.words), details, h("p", {}, button)));
}

async function handIn() {
  if (busy) return;
  sheet.save();
  const { text } = sheet;
  $("#problem").replaceChildren();
  if (!text.trim()) return say(t("practise.empty"));
  if (done.at(-1)?.text === text) return say(t("practise.unchanged"));
  say("");
  sheet.busy((busy = true));
  const slow = setTimeout(() => say(t("practise.slow")), SLOW);
  try {
    const asked = { rubric_id: rubricId, rubric_version: rubric.version, answer: text, store: false };
    finish(text, await post("/v1/evaluations", asked, starting));
  } catch (problem) {
    fail(problem, handIn);
  }
  clearTimeout(slow);
  say("");
  sheet.busy((busy = false));
}

function finish(text, evaluation) {
  const { question, topic, difficulty, kind } = rubric;
  const about = { id: newId(), rubric_id: rubricId, question, topic, difficulty, kind, at: new Date().toISOString() };
  const attempt = { ...about, text, evaluation, follow_ups: [] };
  done.push(attempt);
  if (keep(attempt)) sheet.close();
  else toast(t("practise.storage_full"), { kind: "bad" }); // the draft stays, so that a reload loses nothing
  countSession();
  show(attempt, true);
}

function show(attempt, isNew = false) {
  const before = done[done.indexOf(attempt) - 1];
  const result = $("#result");
  $("#write").hidden = true;
  result.replaceChildren(
    ...[
      done.length > 1 && choice(attempt),
      graded(attempt.text, attempt.evaluation, { levels: rubric.levels, fresh: isNew }),
      actions(attempt),
      before && compared(before, attempt, done.indexOf(attempt)),
      followUps(attempt, rubric, keep),
    ].filter(Boolean),
  );
  result.hidden = false;
  if (!isNew) return;
  $(".level", result).focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

function choice(shown) {
  const options = done.map((attempt, index) =>
    h("label", {}, h("input", { type: "radio", name: "attempt", checked: attempt === shown, onchange: () => show(attempt) }),
      h("span", {}, t("practise.attempt", { n: index + 1 }), h("span", { class: "soft figure" }, marks(attempt.evaluation)))));
  return h("fieldset", { class: "choice no-print" }, h("legend", {}, t("practise.attempts")), options);
}

const marks = ({ points, max_points: max }) => (points === null ? "–" : `${number(points)}/${number(max)}`);

function actions(attempt) {
  const improve = () => {
    write(attempt.text);
    sheet.save();
    scrollTo({ top: 0 });
    sheet.focus();
  };
  return h("div", { class: "actions row no-print" },
    h("button", { class: "button primary", type: "button", onclick: improve }, icon("again"), t("practise.try_again")),
    h("button", { class: "button", type: "button", onclick: another }, t("practise.next_question"), icon("next")));
}

const another = (event) => goToDrawn(event.currentTarget, filter(), rubricId);

$("#leave").addEventListener("click", () => {
  sheet.close();
  show(done.at(-1));
});
$("#skip").addEventListener("click", another);
changed(countSession);
await start();
