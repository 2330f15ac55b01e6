// A rubric's editor: the form and the text are two views of one draft, which is kept in the browser until it is published.
import "../js/shell.js";
import { get, post } from "../js/api.js";
import { $, h } from "../js/dom.js";
import { t } from "../js/messages.js";
import { toast } from "../js/toast.js";
import { addressOf, draft, draftChanged, dropDraft, keepDraft, keyOf, moveOn, newKey } from "./drafts.js";
import { asYaml } from "./files.js";
import * as findings from "./findings.js";
import { showForm } from "./form.js";
import { settled } from "./later.js";
import { fail, overtaken, published } from "./publishing.js";
import { tabs } from "./tabs.js";
import * as text from "./text.js";
import { tools } from "./tools.js";
import { toYaml } from "./yaml.js";

const PATIENCE = 120_000; // milliseconds in which a starting service is waited for
const CONVERT_AFTER = 300;
const CHECK_AFTER = 600;
const EMPTY = { id: "", question: "", key_points: [], levels: [
  { name: "insufficient", min_score: 0 }, { name: "developing", min_score: 0.4 }, { name: "proficient", min_score: 0.65 },
  { name: "excellent", min_score: 0.85, needs_required: true }] };

const asked = new URLSearchParams(location.search);
const rubricId = location.pathname.startsWith("/author/edit/") ? decodeURIComponent(location.pathname.split("/").pop()) : null;
const key = rubricId ? keyOf(rubricId) : (asked.get("draft") ?? newKey());
const state = { base: null, latest: null, text: "", document: EMPTY, readable: true, dirty: false, findings: [], isChecked: false };
const panes = {}; // those that are loaded when they are first opened
const form = $("#form");

async function start() {
  if (!rubricId && !asked.get("draft")) history.replaceState(null, "", `/author/new?draft=${key}`);
  const options = { patience: PATIENCE, waiting: () => say(t("author.starting")) };
  try {
    if (rubricId) state.latest = await get(`/v1/rubrics/${encodeURIComponent(rubricId)}`, options);
  } catch (problem) {
    if (problem.status === 404) $("#title").textContent = t("author.no_such_rubric");
    return fail(problem, () => location.reload());
  }
  const kept = draft(key);
  state.base = kept?.base ?? versionOf(state.latest);
  if (kept) adopt(kept);
  else adopt({ document: structuredClone(state.latest?.rubric ?? EMPTY) });
  say(kept ? t("author.kept") : "");
  $("#desk").hidden = false;
  if (rubricId && state.base.content_hash !== state.latest.content_hash) conflict();
  arrange();
  check();
}

const versionOf = (stored) => stored && { version: stored.version, content_hash: stored.content_hash };

/** Take over a draft: { document, text, readable }. A text alone is converted. */
function adopt({ document, text: written, readable = true }) {
  Object.assign(state, { document, readable, text: written ?? toYaml(document), dirty: written !== undefined });
  text.show(state.text);
  drawForm();
  if (written !== undefined && (!document || !readable)) convert.now();
}

function drawForm() {
  state.document ??= structuredClone(EMPTY);
  showForm(form, state.document, { isStored: Boolean(rubricId), changed: changedInForm });
  findings.beside(form, state.findings);
  describe();
}

function describe() {
  const title = state.document.question || t("author.untitled");
  document.title = `${title} · ${t("common.product")}`;
  $("#title").textContent = title;
  const version = state.base ? t("author.version", { n: state.base.version }) : t("author.unpublished");
  $("#about").replaceChildren(h("a", { href: "/author" }, t("author.all")), h("span", {}, version),
    state.dirty && state.base ? h("span", {}, t("author.changed")) : "");
  $("#publish-label").textContent = state.base ? t("author.publish_version", { n: state.base.version + 1 }) : t("author.publish");
  $("#publish").setAttribute("aria-disabled", String(!state.dirty));
  $("#discard").hidden = !state.dirty;
  form.inert = !state.readable;
  $("#unreadable").hidden = state.readable;
}

function changedInForm() {
  convert.stop();
  state.text = toYaml(state.document);
  text.show(state.text);
  changed();
}

/** Keep the draft. readable: whether its text is known to say what the document does. */
function keep(readable) {
  const { base, text: written, document } = state;
  const kept = keepDraft({ key, rubric_id: rubricId, base, text: written, document, readable, question: document.question });
  say(t(kept ? "author.kept" : "author.not_kept"));
}

function changed() {
  Object.assign(state, { dirty: true, isChecked: false });
  keep(state.readable);
  describe();
  check();
  panes[tab.current()]?.update(state.document); // the others are brought up to date when they are opened
}

const say = (words) => ($("#state").textContent = words);

/** The service names lines as "body:3:". */
const inWords = (detail) => detail.replace(/^(?:body:(\d+)|body): /gm, (_, line) => (line ? t("author.at_line", { line }) : ""));

const convert = settled(CONVERT_AFTER, async (signal) => {
  try {
    state.document = (await post("/v1/rubrics:convert", asYaml(state.text), { signal })).rubric;
    state.readable = true;
    drawForm();
  } catch (problem) {
    if (signal.aborted) return;
    state.readable = false;
    $("#unreadable-why").textContent = problem.status === 422 ? inWords(problem.detail) : problem.words;
  }
  changed();
});

const toForm = (path) => {
  if (!wide.matches) tab.open("panel-form");
  findings.goTo(form, path);
};
const toLine = (line) => {
  tab.open("panel-text");
  text.goTo(line);
};
const check = settled(CHECK_AFTER, async (signal) => {
  const found = await findings.checked(state.text, { signal, toForm, toLine });
  if (!found) return;
  state.findings = found;
  state.isChecked = true;
  findings.beside(form, found);
  text.number(found);
});

/** Somebody published another version since this draft was begun. */
async function conflict() {
  state.latest = await get(`/v1/rubrics/${encodeURIComponent(rubricId)}`).catch(() => state.latest);
  const keep = () => {
    state.base = versionOf(state.latest);
    $("#problem").replaceChildren();
    changed();
  };
  overtaken(state.latest.version, () => tab.open("panel-past"), keep);
}

async function publish() {
  if (!state.dirty) return;
  const stored = await published(state, rubricId, { check, conflict, again: publish });
  if (!stored) return;
  moveOn(key, stored.id);
  if (!rubricId) return location.replace(addressOf({ rubric_id: stored.id }));
  state.latest = stored;
  state.base = versionOf(stored);
  adopt({ document: structuredClone(stored.rubric) });
  say("");
  toast(t("author.published", { n: stored.version }), { kind: "good" });
  panes["panel-past"]?.update(state.document);
}

function forget() {
  dropDraft(key);
  if (!rubricId) return location.assign("/author");
  state.base = versionOf(state.latest);
  $("#problem").replaceChildren();
  adopt({ document: structuredClone(state.latest.rubric) });
  say("");
  check();
}

async function take(written) {
  state.text = written;
  text.show(written);
  await convert.now();
}

/** A version of the past becomes the draft, under the id that it has now. */
function restore(document) {
  state.document = structuredClone(document);
  state.readable = true;
  drawForm();
  changedInForm();
  toast(t("author.restored"));
}

const tab = tabs($("#tabs"), async (id) => {
  const load = { "panel-try": () => import("./tryout.js"), "panel-past": () => import("./history.js") }[id];
  if (!load || !state.document) return;
  panes[id] ??= (await load()).open($(`#${id}`), { key, rubricId, state, restore });
  panes[id].update(state.document);
});

// On a wide window the form stands beside the others; on a narrow one it is one of them.
const wide = matchMedia("(min-width: 68rem)");
const arrange = () => {
  const isWide = wide.matches;
  $("#tab-form").hidden = isWide;
  form.parentElement.role = isWide ? null : "tabpanel";
  form.parentElement.hidden = false;
  (isWide ? $("#side") : $("#desk")).prepend($("#tabs"));
  const last = tab.remembered();
  tab.open(isWide && (last === "panel-form" || !last) ? "panel-text" : (last ?? "panel-form"));
};
wide.addEventListener("change", arrange);

text.listen((written) => {
  state.text = written;
  keep(false);
  convert();
});
$("#publish").addEventListener("click", publish);
tools(state, { take, forget });
$("#back-to-form").addEventListener("click", () => {
  state.readable = true;
  changedInForm();
});
draftChanged(key, () => {
  const kept = draft(key);
  if (document.hidden && kept) adopt(kept);
});
await start();
