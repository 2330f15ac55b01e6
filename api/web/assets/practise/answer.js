// One question: write, submit, read the graded rubric, try again.
import "../js/shell.js";
import { get, post } from "../js/api.js";
import { length } from "../js/codepoints.js";
import { $, h, icon } from "../js/dom.js";
import { number, t } from "../js/messages.js";
import { toast } from "../js/toast.js";
import { attemptsAt, changed, draft, dropDraft, keep, keepDraft } from "./attempts.js";
import { compared } from "./compare.js";
import { address, draw, filter } from "./draw.js";
import { followUps } from "./follow_up.js";
import { graded } from "../js/graded.js";
import { countSession } from "./places.js";
import { countWords, topicName } from "../js/names.js";

const PATIENCE = 120_000; // milliseconds in which a starting service is waited for
const SLOW = 4_000; // from here the page says that it is still waiting
const SAVE_AFTER = 400;

const rubricId = decodeURIComponent(location.pathname.split("/").pop());
const form = $("#write");
const field = $("#text");
const state = { rubric: null, limit: Infinity, busy: false, shown: null };

async function start() {
  const options = { patience: PATIENCE, waiting: () => say(t("practise.starting")) };
  try {
    const [read, info] = await Promise.all([
      get(`/v1/rubrics/${encodeURIComponent(rubricId)}`, options),
      get("/v1/info", options),
    ]);
    state.rubric = read.rubric;
    state.limit = info.limits.max_answer_chars;
  } catch (problem) {
    $("#question").textContent = problem.status === 404 ? t("practise.no_such_question") : t("practise.not_loaded");
    return fail(problem, () => location.reload());
  }
  say("");
  describe();
  open();
}

function describe() {
  const { question, topic, difficulty, kind } = state.rubric;
  document.title = `${question} · ${t("common.product")}`;
  $("#question").textContent = question;
  $("#about").replaceChildren(
    h("a", { href: `/?${new URLSearchParams({ topic })}` }, topicName(topic)),
    h("span", {}, t(`difficulty.${difficulty}`)),
    h("span", {}, t(`kind.${kind}`)),
  );
}

/** A draft goes on being written; otherwise the last result is shown, or an empty sheet. */
function open() {
  const begun = draft(rubricId);
  const done = attemptsAt(rubricId);
  if (begun || !done.length) write(begun?.text ?? "");
  else show(done.at(-1));
}

function write(text) {
  const done = attemptsAt(rubricId);
  field.value = text;
  $("#result").hidden = true;
  form.hidden = false;
  $("#leave").hidden = done.length === 0;
  showHints(done.at(-1));
  count();
}

/** While a second answer is written: what the first one lacked, without giving the points away. */
function showHints(last) {
  const open = last?.evaluation.key_points.filter((point) => point.verdict !== "covered") ?? [];
  const aside = $("#hints");
  aside.hidden = open.length === 0;
  const hintOf = (point) => state.rubric.key_points.find((one) => one.id === point.id)?.missed || point.feedback;
  aside.replaceChildren(
    h("h2", {}, t("practise.hints")),
    h("ul", { class: "stack tight" }, open.map((point) => h("li", { class: `tone ${point.verdict}` }, icon(point.verdict), h("span", {}, hintOf(point))))),
  );
}

function count() {
  const characters = length(field.value);
  const words = t("practise.words", { n: countWords(field.value) });
  const near = characters > 0.9 * state.limit;
  $("#count").textContent = near ? `${words} · ${t("practise.characters", { n: characters, limit: state.limit })}` : words;
  $("#count").classList.toggle("fault", characters > state.limit);
}

let timer = 0;
function save() {
  clearTimeout(timer);
  timer = 0;
  if (form.hidden || !state.rubric || state.busy) return;
  const { question, topic } = state.rubric;
  if (!field.value && !attemptsAt(rubricId).length) return dropDraft(rubricId);
  const kept = keepDraft({ rubric_id: rubricId, question, topic, text: field.value });
  $("#saved").textContent = t(kept ? "practise.saved" : "practise.not_saved");
}

const say = (text) => ($("#progress").textContent = text);

function fail(problem, again) {
  const details = problem.errors?.length ? problem.errors.map((error) => h("p", { class: "small" }, error.message)) : [];
  $("#problem").replaceChildren(h("div", { class: "note bad" }, icon("flag"), h("p", {}, problem.words), details,
    again && h("p", {}, h("button", { class: "button small", type: "button", onclick: again }, icon("again"), t("common.again")))));
}

async function submit() {
  if (state.busy || !state.rubric) return;
  save();
  const text = field.value;
  const last = attemptsAt(rubricId).at(-1);
  $("#problem").replaceChildren();
  if (!text.trim()) return say(t("practise.empty"));
  if (last?.text === text) return say(t("practise.unchanged"));
  setBusy(true);
  const slow = setTimeout(() => say(t("practise.slow")), SLOW);
  try {
    const body = { rubric_id: rubricId, rubric_version: state.rubric.version, answer: text, store: false };
    const waiting = () => say(t("practise.starting"));
    finish(text, await post("/v1/evaluations", body, { patience: PATIENCE, waiting }));
  } catch (problem) {
    say("");
    fail(problem, submit);
  } finally {
    clearTimeout(slow);
    setBusy(false);
  }
}

function setBusy(busy) {
  state.busy = busy;
  field.readOnly = busy;
  $("#submit").ariaBusy = String(busy);
  $("#submit").setAttribute("aria-disabled", String(busy));
  $("#submit").textContent = t(busy ? "practise.grading" : "practise.submit");
  if (busy) say("");
}

function finish(text, evaluation) {
  const { question, topic, difficulty, kind } = state.rubric;
  const at = new Date().toISOString();
  const attempt = { id: crypto.randomUUID(), rubric_id: rubricId, question, topic, difficulty, kind, at, text, evaluation, follow_ups: [] };
  if (!keep(attempt)) toast(t("practise.storage_full"), { kind: "bad" });
  dropDraft(rubricId);
  say("");
  countSession();
  show(attempt, true);
}

function show(attempt, isNew = false) {
  const done = attemptsAt(rubricId);
  if (!done.some((one) => one.id === attempt.id)) done.push(attempt); // the browser had no space for it
  const before = done[done.findIndex((one) => one.id === attempt.id) - 1];
  form.hidden = true;
  state.shown = attempt;
  const result = $("#result");
  result.replaceChildren(
    done.length > 1 ? choice(done, attempt) : "",
    graded(attempt.text, attempt.evaluation, { levels: state.rubric.levels }),
    actions(attempt),
    before ? compared(before, attempt, done.indexOf(before) + 1) : "",
    followUps(attempt, state.rubric, keep) ?? "",
  );
  result.hidden = false;
  if (isNew) {
    $(".level", result).focus({ preventScroll: true });
    $("#sheet").scrollIntoView({ block: "start" });
  }
}

function choice(done, shown) {
  const options = done.map((attempt, index) =>
    h("label", {}, h("input", { type: "radio", name: "attempt", checked: attempt.id === shown.id, onchange: () => show(attempt) }),
      h("span", {}, t("practise.attempt", { n: index + 1 }), h("span", { class: "soft figure" }, marks(attempt.evaluation)))));
  return h("fieldset", { class: "choice no-print" }, h("legend", {}, t("practise.attempts")), options);
}

const marks = ({ points, max_points: max }) => (points === null ? "–" : `${number(points)}/${number(max)}`);

function actions(attempt) {
  return h("div", { class: "row actions" },
    h("button", { class: "button primary", type: "button", onclick: () => revise(attempt) }, icon("again"), t("practise.try_again")),
    h("button", { class: "button", type: "button", onclick: next }, t("practise.next_question"), icon("next")),
    h("a", { class: "button ghost", href: "/session" }, t("practise.session")));
}

function revise(attempt) {
  write(attempt.text);
  save();
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  scrollTo({ top: 0 });
}

async function next(event) {
  const button = event.currentTarget;
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    const drawn = await draw(filter(), rubricId);
    if (drawn) location.href = address(drawn.item.rubric_id);
  } catch (problem) {
    toast(problem.words, { kind: "bad" });
  }
  button.ariaBusy = "false";
}

field.addEventListener("input", () => {
  count();
  $("#saved").textContent = "";
  timer ||= setTimeout(save, SAVE_AFTER);
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
$("#leave").addEventListener("click", () => {
  dropDraft(rubricId);
  show(attemptsAt(rubricId).at(-1));
});
addEventListener("pagehide", save);
addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
changed(countSession);
await start();
