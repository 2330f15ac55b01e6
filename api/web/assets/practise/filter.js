// The form with topic, difficulty and search, and the button that draws a question.
import { get } from "../js/api.js";
import { $, h, icon } from "../js/dom.js";
import { t } from "../js/messages.js";
import { topicName } from "../js/names.js";
import { toast } from "../js/toast.js";
import { address, draw, keepFilter } from "./draw.js";

export const PATIENCE = 120_000; // milliseconds; the service may still be starting
export const waiting = () => ($("#available").textContent = t("practise.starting"));
const form = $("#filter");
let topics = [];

/** What is chosen now. */
export const chosen = () => ({ topic: form.topic.value, difficulty: form.difficulty.value, q: form.q.value.trim() });

/** Fill the form, from the service and with what is chosen; returns the topics as GET /v1/topics has them. */
export async function fill({ topic = "", difficulty = "", q = "" }) {
  form.q.value = q;
  form.difficulty.value = difficulty;
  topics = (await get("/v1/topics", { patience: PATIENCE, waiting })).items;
  const named = topics.filter((item) => item.topic).map((item) => [item.topic, topicName(item.topic)]);
  form.topic.append(...named.toSorted((a, b) => a[1].localeCompare(b[1])).map(([value, name]) => h("option", { value }, name)));
  form.topic.value = topic;
  showAvailable();
  return topics;
}

function showAvailable() {
  const { topic, difficulty } = chosen();
  const fitting = topics.filter((item) => !topic || item.topic === topic);
  const n = fitting.reduce((sum, item) => sum + (difficulty ? (item.difficulties[difficulty] ?? 0) : item.rubrics), 0);
  $("#available").textContent = t("practise.available", { n });
}

/** Draw a question and go there; the button shows that it is being fetched, and doesn't fetch twice. */
export async function goToDrawn(button, wanted, not = null, options = {}) {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    const drawn = await draw(wanted, not, options);
    if (drawn) location.href = address(drawn.item.rubric_id);
    else toast(t("practise.nothing_found"));
  } catch (problem) {
    toast(problem.words, { kind: "bad" });
  }
  button.ariaBusy = "false";
}

/** A failed load, in the place of what was to be loaded. */
export function loadFailed(problem, place) {
  const again = h("button", { class: "button", type: "button", onclick: () => location.reload() }, icon("again"), t("common.again"));
  place.replaceChildren(h("div", { class: "note bad", role: "alert" }, icon("flag"), h("p", {}, problem.words), h("p", {}, again)));
}

if (form) {
  $("#draw").addEventListener("click", (event) => {
    keepFilter(chosen());
    goToDrawn(event.currentTarget, chosen(), null, { patience: PATIENCE, waiting });
  });
  form.addEventListener("change", (event) => {
    if (event.target === form.q) return;
    keepFilter(chosen());
    showAvailable();
  });
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value) formData.delete(name); // short addresses
  });
}
