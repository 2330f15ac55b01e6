// The first page: choose a topic, find a question, or let one be drawn.
import "../js/shell.js";
import { get } from "../js/api.js";
import { $, h, icon } from "../js/dom.js";
import { moment, t } from "../js/messages.js";
import { toast } from "../js/toast.js";
import { changed, drafts, latest } from "./attempts.js";
import { address, draw, filter, keepFilter } from "./draw.js";
import { coverageText } from "../js/graded.js";
import { countSession } from "./places.js";
import { levelName, topicName } from "../js/names.js";

const PATIENCE = 120_000; // the service may still be starting
const waiting = () => ($("#available").textContent = t("practise.starting"));
const asked = new URLSearchParams(location.search);
const form = $("#filter");
const found = $("#found");
let topics = [];

/** What the address asks for, or else what was chosen last. */
function begin() {
  const kept = filter();
  const chosen = asked.size ? { topic: asked.get("topic") ?? "", difficulty: asked.get("difficulty") ?? "" } : { ...kept, topic: "" };
  form.q.value = asked.get("q") ?? "";
  form.difficulty.value = chosen.difficulty;
  return chosen;
}

async function start() {
  const chosen = begin();
  showDrafts();
  try {
    topics = (await get("/v1/topics", { patience: PATIENCE, waiting })).items;
    fillTopics(chosen.topic);
    showAvailable();
    if (asked.get("q") || chosen.topic || asked.get("difficulty")) await showQuestions(chosen);
    else showTopics();
  } catch (problem) {
    failed(problem);
  }
  found.ariaBusy = "false";
}

function failed(problem) {
  const again = h("button", { class: "button", type: "button", onclick: () => location.reload() }, icon("again"), t("common.again"));
  found.replaceChildren(h("div", { class: "note bad", role: "alert" }, icon("flag"), h("p", {}, problem.words), h("p", {}, again)));
}

function fillTopics(topic) {
  const sorted = topics.map((item) => [item.topic, topicName(item.topic)]).toSorted((a, b) => a[1].localeCompare(b[1]));
  for (const [value, name] of sorted) if (value) form.topic.append(h("option", { value }, name));
  form.topic.value = topic;
}

const chosenNow = () => ({ topic: form.topic.value, difficulty: form.difficulty.value });

function countOf({ topic, difficulty }) {
  const fitting = topics.filter((item) => !topic || item.topic === topic);
  return fitting.reduce((sum, item) => sum + (difficulty ? (item.difficulties[difficulty] ?? 0) : item.rubrics), 0);
}

function showAvailable() {
  $("#available").textContent = t("practise.available", { n: countOf(chosenNow()) });
}

function showTopics() {
  const done = Map.groupBy(latest().values(), (attempt) => attempt.topic);
  const entries = topics.map((item) => {
    const answered = done.get(item.topic)?.length ?? 0;
    return h("li", {}, h("a", { href: `/?${new URLSearchParams({ topic: item.topic })}` },
      h("span", { class: "name" }, topicName(item.topic)),
      h("span", { class: "dots", "aria-hidden": "true" }),
      h("span", { class: "soft figure" }, answered ? t("practise.answered_of", { n: answered, all: item.rubrics }) : t("practise.questions", { n: item.rubrics }))));
  });
  found.replaceChildren(h("ul", { class: "topics" }, entries));
}

async function showQuestions({ topic, difficulty }) {
  const q = asked.get("q") ?? "";
  const query = { limit: q ? 20 : 200, ...(topic && { topic }), ...(difficulty && { difficulty }), ...(q && { q }) };
  const items = (await get(`/v1/rubrics?${new URLSearchParams(query)}`, { patience: PATIENCE, waiting })).items;
  $("#found-title").textContent = q ? t("practise.found", { q }) : topic ? topicName(topic) : t("practise.questions_title");
  $("#all").hidden = false;
  const done = latest();
  if (items.length) found.replaceChildren(h("ul", { class: "questions" }, items.map((item) => question(item, done.get(item.id)))));
  else found.replaceChildren(h("p", { class: "soft" }, t("practise.nothing_found")));
}

function question(item, attempt) {
  return h("li", {}, h("a", { href: address(item.id) },
    h("span", { class: "name" }, item.question),
    h("span", { class: "row small soft" },
      attempt && h("strong", {}, levelName(attempt.evaluation.level ?? ""), " ", coverageText(attempt.evaluation)),
      h("span", {}, t(`difficulty.${item.difficulty}`)), h("span", {}, t(`kind.${item.kind}`)),
      h("span", {}, topicName(item.topic)))));
}

function showDrafts() {
  const open = drafts();
  $("#going-on").hidden = open.length === 0;
  $("#drafts").replaceChildren(...open.map((one) =>
    h("li", {}, h("a", { href: address(one.rubric_id) }, h("span", { class: "name" }, one.question),
      h("span", { class: "small soft" }, t("practise.draft_of", { when: moment(one.at) }))))));
}

let drawing = false;
async function drawOne() {
  if (drawing) return;
  drawing = true;
  $("#draw").ariaBusy = "true";
  keepFilter(chosenNow());
  try {
    const drawn = await draw(chosenNow(), null, { patience: PATIENCE, waiting });
    if (drawn) location.href = address(drawn.item.rubric_id);
    else toast(t("practise.nothing_found"));
  } catch (problem) {
    toast(problem.words, { kind: "bad" });
  }
  $("#draw").ariaBusy = "false";
  drawing = false;
}

$("#draw").addEventListener("click", drawOne);
form.addEventListener("change", (event) => {
  if (event.target === form.q) return;
  keepFilter(chosenNow());
  showAvailable();
  if (event.target === form.topic) form.requestSubmit();
});
form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name); // short addresses
});
const refresh = () => {
  countSession();
  showDrafts();
};
changed(refresh);
addEventListener("pageshow", (event) => event.persisted && refresh());
await start();
