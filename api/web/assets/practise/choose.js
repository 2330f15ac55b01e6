// The first page: let a question be drawn, go on with a draft, or choose a topic.
import "../js/shell.js";
import { $, h } from "../js/dom.js";
import { moment, t } from "../js/messages.js";
import { topicName } from "../js/names.js";
import { changed, drafts, latest } from "./attempts.js";
import { address, filter } from "./draw.js";
import { fill, loadFailed } from "./filter.js";
import { countSession } from "./places.js";

const found = $("#found");
let topics = [];

function showTopics() {
  const done = Map.groupBy(latest().values(), (attempt) => attempt.topic);
  const entries = topics.map((item) => {
    const answered = done.get(item.topic)?.length ?? 0;
    const count = answered ? t("practise.answered_of", { n: answered, all: item.rubrics }) : t("practise.questions", { n: item.rubrics });
    return h("li", {}, h("a", { href: `/questions?${new URLSearchParams({ topic: item.topic })}` },
      h("span", { class: "name" }, topicName(item.topic)), h("span", { class: "dots", "aria-hidden": "true" }),
      h("span", { class: `figure ${answered ? "done" : "soft"}` }, count)));
  });
  found.replaceChildren(h("ul", { class: "topics" }, entries));
}

function showDrafts() {
  const open = drafts();
  $("#going-on").hidden = open.length === 0;
  $("#drafts").replaceChildren(...open.map((one) =>
    h("li", {}, h("a", { href: address(one.rubric_id) }, h("span", { class: "name" }, one.question),
      h("span", { class: "small soft" }, t("practise.draft_of", { when: moment(one.at) }))))));
}

/** After another tab, or the page behind "back", changed what is kept. */
function refresh() {
  countSession();
  showDrafts();
  if (topics.length) showTopics();
}

changed(refresh);
addEventListener("pageshow", (event) => event.persisted && refresh());
showDrafts();
try {
  topics = await fill(filter());
  showTopics();
} catch (problem) {
  loadFailed(problem, found);
}
found.ariaBusy = "false";
