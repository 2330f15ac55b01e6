// The questions of a topic, of a difficulty, or that fit a search.
import "../js/shell.js";
import { get } from "../js/api.js";
import { $, h } from "../js/dom.js";
import { percent, t } from "../js/messages.js";
import { levelName, topicName } from "../js/names.js";
import { latest } from "./attempts.js";
import { address, keepFilter } from "./draw.js";
import { fill, loadFailed, PATIENCE, waiting } from "./filter.js";
import "./places.js";

const MOST_FOUND = 20; // hits of a search; further down they have little to do with it
const MOST_LISTED = 200;
const wanted = Object.fromEntries(new URLSearchParams(location.search));
const found = $("#found");
let items = [];

const title = ({ topic, q }) => (q ? t("practise.found", { q }) : topic ? topicName(topic) : t("practise.questions_title"));

async function load({ topic, difficulty, q }) {
  const query = { limit: q ? MOST_FOUND : MOST_LISTED, ...(topic && { topic }), ...(difficulty && { difficulty }), ...(q && { q }) };
  return (await get(`/v1/rubrics?${new URLSearchParams(query)}`, { patience: PATIENCE, waiting })).items;
}

function show() {
  const done = latest();
  const list = items.map((item) => entry(item, done.get(item.id)));
  found.replaceChildren(list.length ? h("ul", { class: "questions" }, list) : h("p", { class: "soft" }, t("practise.nothing_found")));
}

function entry(item, attempt) {
  const facts = [
    t(`difficulty.${item.difficulty}`),
    t(`kind.${item.kind}`),
    wanted.topic ? null : topicName(item.topic),
  ];
  return h("li", {}, h("a", { href: address(item.id) },
    h("span", { class: "name" }, item.question),
    h("span", { class: "row small soft facts" }, attempt && result(attempt.evaluation), facts.filter(Boolean).map((fact) => h("span", {}, fact)))));
}

function result({ coverage, level }) {
  if (coverage === null) return h("span", {}, t("graded.unscored"));
  return h("strong", {}, `${levelName(level)}, ${percent(coverage)}`);
}

$("#found-title").textContent = title(wanted);
document.title = `${title(wanted)} · ${t("common.product")}`;
if (wanted.topic || wanted.difficulty) keepFilter(wanted);
$("#filter").addEventListener("change", (event) => event.target.name !== "q" && event.currentTarget.requestSubmit());
addEventListener("pageshow", (event) => event.persisted && show());
try {
  [items] = await Promise.all([load(wanted), fill(wanted)]);
  show();
} catch (problem) {
  loadFailed(problem, found);
}
found.ariaBusy = "false";
