// The review queue: one answer after the other, each claimed, judged and sent; the next one comes by itself.
import "../js/shell.js";
import { get, post, remove } from "../js/api.js";
import { $, $$, h, icon } from "../js/dom.js";
import { moment, t } from "../js/messages.js";
import { read, write } from "../js/store.js";
import { desk } from "./desk.js";
import { reviewOf } from "./judge.js";
import { trouble } from "./trouble.js";

const PATIENCE = 120_000;
const MINUTES = 30;
const LANES = ["review", "blind", "adjudication"];
const HELD = "grader.review.held"; // of this tab: the claim, and what is decided so far
const asked = new URLSearchParams(location.search);
const only = { batch: asked.get("batch"), rubric: asked.get("rubric") };
const form = $("#begin");
const state = { claim: null, desk: null, lane: "review", done: 0, busy: false };

const say = (words) => ($("#told").textContent = words);
const fail = (problem, again) => $("#problem").replaceChildren(trouble(problem, again));

async function start() {
  form.reviewer.value = read("reviewer") ?? "";
  if (LANES.includes(asked.get("lane"))) form.lane.value = asked.get("lane");
  if (only.batch) scope();
  const kept = held();
  if (asked.get("evaluation")) return single(asked.get("evaluation"));
  if (kept) return resume(kept);
  await countAll();
}

async function scope() {
  $("#scope").hidden = false;
  $("#scope-link").href = `/cohort/${encodeURIComponent(only.batch)}`;
  try {
    $("#scope-link").textContent = (await get(`/v1/batches/${encodeURIComponent(only.batch)}`, { patience: PATIENCE })).name || t("cohort.unnamed");
  } catch {
    // the queue says what is wrong
  }
}

const filters = () => Object.fromEntries(Object.entries(only).filter(([, value]) => value));

async function countAll() {
  try {
    const counts = await Promise.all(LANES.map((lane) => get(`/v1/reviews/queue?${new URLSearchParams({ lane, limit: 1, ...filters() })}`, { patience: PATIENCE })));
    LANES.forEach((lane, index) => ($(`#count-${lane}`).textContent = counts[index].waiting));
    $("#problem").replaceChildren();
  } catch (problem) {
    fail(problem, countAll);
  }
}

/** One thing at a time; what goes wrong is told and can be done again. */
async function busy(run) {
  if (state.busy) return;
  state.busy = true;
  $$("#actions .button, #begin .button").forEach((button) => button.setAttribute("aria-disabled", "true"));
  $("#problem").replaceChildren();
  try {
    await run();
  } catch (problem) {
    if (problem.status === 409) lost(problem);
    else fail(problem, () => busy(run));
  } finally {
    state.busy = false;
    $$("#actions .button, #begin .button").forEach((button) => button.removeAttribute("aria-disabled"));
  }
}

/** The claim ran out, or somebody else was faster: nothing was saved, and the next one waits. */
function lost(problem) {
  drop();
  $("#problem").replaceChildren(h("div", { class: "note warn" }, icon("unsure"), h("strong", {}, t("review.lost")), h("p", {}, problem.detail),
    h("p", {}, h("button", { class: "button small", type: "button", onclick: () => busy(next) }, t("review.next")))));
  $("#problem button").focus();
}

async function next() {
  const body = { reviewer: form.reviewer.value.trim(), lane: form.lane.value, order: form.order.value, minutes: MINUTES, ...filters() };
  const claim = await post("/v1/reviews/claims", body);
  if (!claim) return leave(t("review.nothing_waits", { n: state.done }));
  await show({ claim, lane: claim.lane }, {});
}

async function show({ claim, lane, sheet = claim.sheet }, decisions) {
  const reviewed = lane === "blind" ? null : await get(`/v1/evaluations/${sheet.evaluation_id}/reviews`);
  state.claim = claim;
  state.lane = lane;
  state.sheet = sheet;
  state.desk = desk({ sheet, reviewed, lane }, decisions, changed);
  $("#place").replaceChildren(state.desk.element);
  atDesk(true);
  $("#later").hidden = !claim;
  $("#until").textContent = claim ? t("review.until", { when: moment(claim.expires_at) }) : "";
  changed();
  scrollTo({ top: 0, behavior: "instant" });
  state.desk.focus();
}

/** After each decision: it survives a reload, and the button says what will be sent. */
function changed() {
  const { questions, decisions } = state.desk ?? {};
  if (!questions) return;
  const count = $$(".judge.changed", $("#place")).length;
  $("#send-words").textContent = state.lane !== "review" ? t("review.send") : count ? t("review.send_changes", { n: count }) : t("review.accept_all");
  try {
    if (state.claim) sessionStorage.setItem(HELD, JSON.stringify({ claim: state.claim, decisions }));
  } catch {
    // without storage, a reload forgets what was decided
  }
}

function held() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(HELD));
    return kept && new Date(kept.claim.expires_at) > new Date() ? kept : null;
  } catch {
    return null;
  }
}

function drop() {
  try {
    sessionStorage.removeItem(HELD);
  } catch {
    // nothing was kept
  }
  state.claim = null;
}

async function resume({ claim, decisions }) {
  form.reviewer.value = claim.reviewer;
  form.lane.value = claim.lane;
  await busy(() => show({ claim, lane: claim.lane }, decisions));
}

/** One answer by its evaluation, without a claim. */
async function single(id) {
  await busy(async () => show({ claim: null, lane: "review", sheet: await get(`/v1/evaluations/${encodeURIComponent(id)}/sheet`, { patience: PATIENCE }) }, {}));
}

async function send() {
  const reviewer = form.reviewer.value.trim();
  if (!reviewer) return askName();
  const { review, missing, lacks } = reviewOf(state.desk.questions, state.desk.decisions, { lane: state.lane, reviewer, claimId: state.claim?.id });
  if (missing) return state.desk.lack(missing, lacks);
  await busy(async () => {
    await post(`/v1/evaluations/${state.sheet.evaluation_id}/reviews`, review);
    const wasClaimed = state.claim !== null;
    state.done += 1;
    drop();
    say(t("review.saved", { n: state.done }));
    if (wasClaimed) await next();
    else await leave(t("review.saved", { n: state.done }));
  });
}

/** An answer that was opened by its address: the name is asked for where it is needed. */
function askName() {
  form.hidden = false;
  form.reviewer.focus();
}

/** Back to the beginning, with a word on what was done. */
async function leave(words) {
  drop();
  state.desk = null;
  atDesk(false);
  say(words);
  $("#told").focus();
  await countAll();
}

function atDesk(is) {
  for (const [id, hidden] of [["#begin", is], ["#intro", is], ["#desk", !is]]) $(id).hidden = hidden;
}

/** This one stays claimed till its time is over, so that the next one is another. */
const later = () => busy(async () => {
  drop();
  say(t("review.set_aside"));
  await next();
});

const stop = () => busy(async () => {
  const claim = state.claim;
  try {
    if (claim) await remove(`/v1/reviews/claims/${claim.id}`);
  } catch (problem) {
    if (problem.status !== 404) throw problem; // its time was over
  }
  await leave(t("review.stopped", { n: state.done }));
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!form.reviewer.value.trim()) return form.reviewer.focus();
  write("reviewer", form.reviewer.value.trim());
  say("");
  if (state.desk) send();
  else busy(next);
});
$("#desk").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return send();
  }
  if (state.desk?.press(event)) event.preventDefault();
});
$("#send").addEventListener("click", send);
$("#later").addEventListener("click", later);
$("#stop").addEventListener("click", stop);
await start();
