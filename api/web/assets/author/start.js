// The room's first page: begin a rubric, go on with a draft, or open one of the catalogue.
import "../js/shell.js";
import { get, post } from "../js/api.js";
import { confirmed } from "../js/dialog.js";
import { $, h, icon } from "../js/dom.js";
import { moment, t } from "../js/messages.js";
import { topicName } from "../js/names.js";
import { toast } from "../js/toast.js";
import { addressOf, drafts, dropDraft, keepDraft, keepSamples, named, newKey } from "./drafts.js";
import { questionIn, readRubric } from "./files.js";
import { toYaml } from "./yaml.js";

const PATIENCE = 120_000;
const SHOWN = 7;
const SEARCH_AFTER = 350;
const search = $("#q");
const found = $("#rubrics");
let timer = 0;
let running = new AbortController();

function goOn(one) {
  if (keepDraft(one)) location.assign(addressOf(one));
  else toast(t("author.not_kept"), { kind: "bad" });
}

const begun = (text, document) => ({ key: newKey(), rubric_id: null, base: null, text, document, readable: Boolean(document), question: document?.question ?? questionIn(text) });

function fail(place, problem) {
  const details = (problem.errors ?? []).slice(0, 3).map((error) => h("p", { class: "small" }, error.message));
  place.replaceChildren(h("div", { class: "note bad" }, icon("flag"), h("p", {}, problem.words), details));
}

async function fromReference(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = $("button", form);
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  $("#reference-problem").replaceChildren();
  try {
    const question = form.question.value.trim();
    const body = { question, reference_answer: form.reference.value, id: named(question, []) };
    const { rubric } = await post("/v1/rubrics:from-reference", body, { patience: PATIENCE });
    goOn(begun(toYaml(rubric), rubric));
  } catch (problem) {
    fail($("#reference-problem"), problem);
  }
  button.ariaBusy = "false";
}

async function fromFile(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  try {
    goOn(begun(await readRubric(file), null));
  } catch (problem) {
    fail($("#file-problem"), problem);
  }
}

function showDrafts() {
  const all = drafts();
  $("#drafts").hidden = all.length === 0;
  $("#draft-list").replaceChildren(...all.map((one) => {
    const name = one.question || t("author.untitled");
    const of = one.base ? t("author.of_version", { n: one.base.version }) : t("author.unpublished");
    return h("li", { class: "row apart" },
      h("a", { href: addressOf(one) }, h("span", { class: "name" }, name), h("span", { class: "row soft small" }, h("span", {}, of), h("span", {}, moment(one.at)))),
      h("button", { class: "button ghost small", type: "button", "aria-label": t("author.discard_it", { name }), onclick: () => discard(one) }, t("author.discard")));
  }));
}

async function discard(one) {
  if (!(await confirmed(t("author.discard_title"), t("author.discard_text"), t("author.discard")))) return;
  dropDraft(one.key);
  if (!one.rubric_id) keepSamples(one.key, []);
  showDrafts();
}

async function list() {
  running.abort();
  const { signal } = (running = new AbortController());
  const q = search.value.trim();
  found.ariaBusy = "true";
  try {
    const query = new URLSearchParams({ limit: SHOWN, ...(q && { q }) });
    const { items } = await get(`/v1/rubrics?${query}`, { signal, patience: PATIENCE });
    found.replaceChildren(items.length ? h("ul", { class: "questions" }, items.map(entry)) : h("p", { class: "soft" }, t("author.none_found")));
  } catch (problem) {
    if (signal.aborted) return;
    fail(found, problem);
  }
  found.ariaBusy = "false";
}

const entry = (one) =>
  h("li", {}, h("a", { href: addressOf({ rubric_id: one.id }) },
    h("span", { class: "name" }, one.question),
    h("span", { class: "row soft small" }, h("span", {}, topicName(one.topic)), h("span", {}, t("author.version", { n: one.version })))));

$("#reference-form").addEventListener("submit", fromReference);
$("#import").addEventListener("change", fromFile);
search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(list, SEARCH_AFTER);
});
addEventListener("pageshow", showDrafts);
showDrafts();
await list();
