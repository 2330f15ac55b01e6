// One cohort: how far its grading is, then its report, and one candidate's answers.
import "../js/shell.js";
import { get, open, post, remove } from "../js/api.js";
import { confirmed } from "../js/dialog.js";
import { $, h, icon } from "../js/dom.js";
import { moment, percent, t } from "../js/messages.js";
import { candidateView } from "./candidate.js";
import { downloads } from "./downloads.js";
import { problemList } from "./problems.js";
import { reportView } from "./report.js";
import { trouble } from "./trouble.js";
import { isOver, watch } from "./watch.js";

const PATIENCE = 120_000;
const batchId = decodeURIComponent(location.pathname.split("/").pop());
const address = `/v1/batches/${encodeURIComponent(batchId)}`;
const overview = $("#overview");
const single = $("#single");
const state = { batch: null, report: null, view: null, scrolled: 0, busy: false };
const hidden = () => $("#hide").checked;

async function start() {
  $("#hide").checked = new URLSearchParams(location.search).get("names") === "hidden";
  try {
    describe(await get(address, { patience: PATIENCE }));
  } catch (problem) {
    $("#name").textContent = t("cohort.not_there");
    return fail(problem.status === 422 ? { ...problem, code: "not_found" } : problem, () => location.reload());
  }
  await follow();
}

async function follow() {
  if (!isOver(state.batch)) {
    try {
      await watch(batchId, describe, { lost: (problem) => ($("#state").textContent = t("cohort.lost")) && problem });
    } catch (problem) {
      return fail(problem, () => location.reload());
    }
  }
  if (state.batch.counts.graded > 0) await read();
}

function describe(batch) {
  state.batch = batch;
  const { counts } = batch;
  document.title = `${batch.name || t("cohort.unnamed")} · ${t("common.product")}`;
  $("#name").textContent = batch.name || t("cohort.unnamed");
  $("#about").replaceChildren(h("span", {}, moment(batch.created_at)), h("span", {}, t(`cohort.state_${batch.state}`)));
  const going = !isOver(batch);
  $("#going").hidden = !going;
  $("#early").hidden = !going || counts.graded === 0;
  const done = counts.items ? (counts.graded + counts.failed) / counts.items : 0;
  $("#bar").style.setProperty("--share", done);
  $("#bar").setAttribute("aria-valuenow", Math.round(done * 100));
  $("#state").textContent = counts.items ? t("cohort.so_many", { n: counts.graded, all: counts.items, share: percent(done) }) : t("cohort.state_reading");
  $("#pace").textContent = pace(batch);
  endNotes(batch, going);
}

function pace({ answers_per_second: rate, estimated_end: end }) {
  const left = end && Math.max(0, Math.round((new Date(end) - Date.now()) / 1000));
  const words = left > 90 ? t("cohort.minutes_left", { n: Math.round(left / 60) }) : t("cohort.seconds_left", { n: left });
  return [rate && t("cohort.rate", { n: rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate) }), end && words].filter(Boolean).join(" · ");
}

/** What isn't graded, and why; made once, when the batch is over. */
function endNotes({ state: where, counts, fault }, going) {
  const bad = counts.bad_rows + counts.failed;
  const left = where === "cancelled" && counts.waiting > 0;
  const place = $("#left-out");
  if (going) return place.replaceChildren();
  place.replaceChildren(
    where === "failed" ? h("div", { class: "note bad" }, icon("flag"), h("p", {}, t("cohort.unreadable", { fault }))) : "",
    where !== "failed" && counts.graded === 0 ? h("p", { class: "note warn" }, icon("unsure"), h("span", {}, t("cohort.nothing_graded"))) : "",
    left ? h("p", { class: "note" }, icon("unsure"), h("span", {}, t("cohort.cancelled_left", { n: counts.waiting }))) : "",
    bad > 0 ? notGraded(bad) : "",
    counts.failed > 0 || left ? h("p", {}, h("button", { class: "button small", type: "button", onclick: retry }, icon("again"), t("cohort.retry"))) : "");
}

function notGraded(n) {
  const details = h("details", { ontoggle: async () => details.open && details.children.length < 2 && details.append(await problemList(batchId)) },
    h("summary", {}, t("cohort.not_graded", { n })));
  return details;
}

const fail = (problem, again) => $("#problem").replaceChildren(trouble(problem, again));

/** The report; a large one takes a while to be made. */
async function read() {
  if (state.busy) return;
  state.busy = true;
  $("#problem").replaceChildren();
  $("#reading").hidden = false;
  $("#early").ariaBusy = "true";
  const report = await made();
  $("#reading").hidden = true;
  $("#early").ariaBusy = "false";
  state.busy = false;
  if (!report) return;
  state.report = report;
  state.view = reportView(report, batchId);
  overview.replaceChildren(state.view.element, downloads(batchId, hidden));
  $("#tools").hidden = false;
  route();
}

/** The report's JSON; null where it can't be had, which is told. */
async function made() {
  try {
    const response = await open(`${address}/report?format=json&hide_names=${hidden()}`, { patience: PATIENCE });
    return await response.json();
  } catch (problem) {
    fail(problem.code ? problem : { code: "offline" }, read); // it broke off on the way
    return null;
  }
}

/** #candidate-N shows that candidate, #candidate-N-ITEM the answer to an item; anything else the report. */
function route() {
  if (!state.report) return;
  const [, position, item] = /^#candidate-(\d+)(?:-(\d+))?$/.exec(location.hash) ?? [];
  const wanted = position !== undefined && Number(position) < state.report.candidates.length;
  if (wanted && single.hidden) state.scrolled = scrollY;
  const came = !single.hidden && !wanted;
  overview.hidden = wanted;
  single.hidden = !wanted;
  $("#head").hidden = wanted;
  if (wanted) {
    single.replaceChildren(candidateView(state.report, Number(position), state.view.heat.order()));
    const target = item === undefined ? null : $(`[data-item="${item}"]`, single);
    const heading = $(target ? "h2" : ".candidate-name", target ?? single);
    heading.focus({ preventScroll: true });
    if (target) target.scrollIntoView({ block: "start", behavior: "instant" });
    else scrollTo({ top: 0, behavior: "instant" });
  } else {
    single.replaceChildren();
    if (came) scrollTo({ top: state.scrolled, behavior: "instant" });
    else if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }
}

async function retry({ currentTarget: button }) {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    describe(await post(`${address}:retry`));
    await follow();
  } catch (problem) {
    fail(problem);
  }
  button.ariaBusy = "false";
}

$("#cancel").addEventListener("click", async () => {
  if (!(await confirmed(t("cohort.cancel_title"), t("cohort.cancel_text"), t("cohort.cancel")))) return;
  try {
    describe(await remove(address));
  } catch (problem) {
    fail(problem);
  }
});
$("#early").addEventListener("click", read);
$("#hide").addEventListener("change", () => {
  const query = hidden() ? "?names=hidden" : "";
  history.replaceState(null, "", `${location.pathname}${query}`); // numbers of candidates are others
  read();
});
addEventListener("hashchange", route);
await start();
