// The session so far: coverage by topic, gaps that come back, what to practise next; to print or to save.
import "../js/shell.js";
import { post } from "../js/api.js";
import { confirmed } from "../js/dialog.js";
import { $, h } from "../js/dom.js";
import { moment, number, percent, t } from "../js/messages.js";
import { attempts, changed, clear } from "./attempts.js";
import { address } from "./draw.js";
import { verdictMark } from "../js/graded.js";
import { countSession } from "./places.js";
import { byQuestion, byTopic, gaps, mean, misconceptions } from "./summary.js";
import { levelName, topicName } from "../js/names.js";

const MOST_GAPS = 12;
const MOST_SENT = 50; // answers that one practice set may hold

function show() {
  const all = attempts();
  const questions = byQuestion(all);
  const scored = questions.filter((question) => question.last);
  countSession();
  $("#session-actions").hidden = all.length === 0;
  $("#session-lead").textContent = all.length ? lead(all, scored) : t("practise.session_empty");
  $("#summary").replaceChildren(...(all.length ? sections(questions, scored) : [begin()]));
  if (scored.length) suggest(scored);
}

function lead(all, scored) {
  const asked = t("practise.session_lead", { n: all.length, since: moment(all[0].at) });
  if (!scored.length) return asked;
  return `${asked} ${t("practise.session_mean", { share: percent(mean(scored.map((one) => one.last.evaluation.coverage))) })}`;
}

const begin = () => h("p", {}, h("a", { class: "button primary", href: "/" }, t("practise.begin")));

function sections(questions, scored) {
  const open = gaps(scored);
  const wrong = misconceptions(scored);
  return [
    scored.length && section("topics-title", t("practise.coverage_by_topic"), topicList(byTopic(scored))),
    open.length && section("gaps-title", t("practise.gaps"), gapList(open)),
    wrong.length && section("wrong-title", t("graded.misconceptions"), h("ul", { class: "gaps" }, wrong.map(misconception))),
    h("section", { class: "stack keep no-print", id: "next", hidden: true, "aria-labelledby": "next-title" }),
    section("answers-title", t("practise.answers"), answerList(questions)),
  ].filter(Boolean);
}

const section = (id, title, ...content) =>
  h("section", { class: "stack", "aria-labelledby": id }, h("h2", { id }, title), content);

function bar(share) {
  return h("div", { class: "bar", "aria-hidden": "true", style: { "--share": share } }, h("i", {}));
}

function topicList(rows) {
  const entries = rows.map((row) =>
    h("li", { class: "keep" },
      h("span", { class: "name" }, topicName(row.topic)),
      bar(row.coverage),
      h("strong", { class: "figure" }, percent(row.coverage)),
      h("span", { class: "small soft" }, t("practise.questions", { n: row.questions }),
        row.before !== null && ` · ${t("practise.since_first", { change: signed(row.coverage - row.before) })}`)));
  return h("ul", { class: "coverage" }, entries);
}

const signed = (share) => t(share < 0 ? "practise.minus" : "practise.plus", { share: percent(Math.abs(share)) });

function gapList(open) {
  const shown = open.slice(0, MOST_GAPS).map((gap) =>
    h("li", { class: "keep" },
      h("span", { class: "row" }, verdictMark(gap.verdict), h("span", { class: "soft small" }, topicName(gap.topic)),
        gap.times > 1 && h("span", { class: "tag" }, t("practise.times", { n: gap.times }))),
      h("a", { href: address(gap.rubric_id) }, gap.statement)));
  const rest = open.length - shown.length;
  return [h("ul", { class: "gaps" }, shown), rest > 0 && h("p", { class: "soft" }, t("practise.more_gaps", { n: rest }))];
}

function misconception(item) {
  return h("li", { class: "keep" }, verdictMark("misconception"), h("a", { href: address(item.rubric_id) }, item.statement), h("p", {}, item.correction));
}

function answerList(questions) {
  const entries = questions.toReversed().map(({ rubric_id: id, question, all, last }) =>
    h("li", { class: "keep" }, h("a", { href: address(id) },
      h("span", { class: "name" }, question),
      h("span", { class: "row small soft facts" },
        h("strong", {}, last ? levelName(last.evaluation.level) : t("graded.unscored")),
        last && h("span", {}, t("graded.points_of", { points: last.evaluation.points, max: last.evaluation.max_points })),
        h("span", {}, t("practise.attempts_made", { n: all.length }))))));
  return h("ul", { class: "questions" }, entries);
}

/** What to practise next, as the service sees it from the last answers; left out when it can't be asked. */
async function suggest(scored) {
  const answers = scored.slice(-MOST_SENT).map(({ last }) => ({ rubric_id: last.rubric_id, answer: last.text }));
  try {
    const { revise } = await post("/v1/practice", { answers, store: false });
    const items = revise.filter((item) => item.rubric_id);
    const place = $("#next");
    if (!items.length || !place) return;
    place.replaceChildren(
      h("h2", { id: "next-title" }, t("practise.next_title")),
      h("ul", { class: "questions" }, items.map((item) =>
        h("li", {}, h("a", { href: address(item.rubric_id) }, h("span", { class: "name" }, item.question), h("span", { class: "small soft" }, item.reason))))));
    place.hidden = false;
  } catch {
    // the summary holds without it
  }
}

function save() {
  const held = { format: "answer-grader session", version: 1, saved_at: new Date().toISOString(), attempts: attempts() };
  const file = new Blob([JSON.stringify(held, null, 2)], { type: "application/json" });
  const link = h("a", { href: URL.createObjectURL(file), download: `session-${held.saved_at.slice(0, 10)}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

$("#print").addEventListener("click", () => print());
$("#save").addEventListener("click", save);
$("#clear").addEventListener("click", async () => {
  if (!(await confirmed(t("practise.clear_title"), t("practise.clear_text"), t("practise.clear")))) return;
  clear();
  show();
});
changed(show);
addEventListener("pageshow", (event) => event.persisted && show());
show();
