// The report of a cohort, part by part.
import { h, icon } from "../js/dom.js";
import { language, number, percent, t } from "../js/messages.js";
import { difficulties, histogram, verdictShares } from "./charts.js";
import { heatSection } from "./heat_section.js";
import { sorted, unscored, wordings } from "./model.js";

const MOST = 8; // entries of a list that are shown at once
const MOST_NAMES = 4;

/** All parts: { element, heat }, for positions in the report; names link to #candidate-N-ITEM. */
export function reportView(report, batchId) {
  const heat = heatSection(report);
  const parts = [
    part("glance", t("report.glance"), "", glance(report, batchId)),
    part("items", t("report.items"), t("report.items_text"), [report.items.length > 1 && difficulties(report.items), itemTable(report)]),
    part("map", t("report.map"), t("report.map_text"), heat.element),
    part("missed", t("report.missed"), t("report.missed_text"), missed(report)),
    part("misconceptions", t("report.misconceptions"), "", misconceptions(report)),
    part("beyond", t("report.beyond"), t("report.beyond_text"), beyond(report)),
    part("together", t("report.together"), t("report.together_text"), together(report)),
    part("unscored", t("report.unscored"), t("report.unscored_text"), notScored(report)),
  ].filter(Boolean);
  const links = parts.map((one) => h("li", {}, h("a", { href: `#${one.id}` }, one.firstElementChild.textContent)));
  const contents = h("nav", { class: "contents no-print", "aria-label": t("report.contents") }, h("ul", { class: "row" }, links));
  return { element: h("div", { class: "stack loose report" }, contents, parts), heat };
}

function part(id, title, words, content) {
  if (!content) return null;
  return h("section", { class: "stack part", id, "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title`, tabindex: "-1" }, title), words && h("p", { class: "soft words" }, words), content);
}

function glance(report, batchId) {
  const doubtful = report.review_queue.length;
  const facts = [
    [number(report.candidates.length), t("report.candidates", { n: report.candidates.length })],
    [number(report.answers.length), t("report.answers", { n: report.answers.length })],
    [report.coverage_of_candidates.mean === null ? "–" : percent(report.coverage_of_candidates.mean), t("report.mean_coverage")],
    [number(doubtful), t("report.need_review", { n: doubtful })],
  ];
  return [
    h("dl", { class: "facts-big" }, facts.map(([figure, words]) => h("div", {}, h("dt", {}, words), h("dd", { class: "figure" }, figure)))),
    doubtful > 0 && h("p", { class: "no-print" }, h("a", { class: "button primary", href: `/review?batch=${batchId}` }, t("report.review_them"), icon("next"))),
    h("p", { class: "words" }, report.reliability.value === null ? "" : h("strong", {}, t("report.alpha", { value: figureOf(report.reliability) })), " ", report.reliability.meaning),
    h("div", { class: "pair" },
      histogram(report.coverage_of_candidates, { id: "by-candidate", caption: t("report.by_candidate"), unit: t("report.unit_candidates") }),
      histogram(report.coverage_of_answers, { id: "by-answer", caption: t("report.by_answer"), unit: t("report.unit_answers") })),
  ];
}

const figures = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const figureOf = ({ value }) => (value === null ? "–" : figures.format(value).replace("-", "−"));

const COLUMNS = {
  order: (row) => row.place,
  question: (row) => row.question,
  difficulty: (row) => row.difficulty.value,
  discrimination: (row) => row.discrimination.value,
  reliability: (row) => row.reliability.value,
  scored: (row) => row.scored,
};

/** Items with their figures; a click on a head sorts, a second one turns the order round. */
function itemTable(report) {
  const rows = report.items.map((item, place) => ({ ...item, place, elements: itemRows(item, place) }));
  const body = h("tbody", {}, rows.map((row) => row.elements));
  let by = "order";
  let falling = false;
  const heads = Object.keys(COLUMNS).map((name) => {
    const head = h("th", { scope: "col", class: name === "question" ? "" : "num", "aria-sort": name === by ? "ascending" : "none" },
      h("button", { class: "sort", type: "button", onclick: () => sort(name, head) }, t(`report.head_${name}`), icon("down")));
    return head;
  });
  function sort(name, head) {
    falling = by === name && !falling;
    by = name;
    heads.forEach((one) => one.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    body.replaceChildren(...sorted(rows, COLUMNS[name], falling).flatMap((row) => row.elements));
  }
  return h("table", { class: "table fold items" }, h("thead", {}, h("tr", {}, heads)), body);
}

/** Two rows of one item: its figures, and what they say with its key points, folded away. */
function itemRows(item, place) {
  const cell = (name, value) => h("td", { class: "num", "data-head": t(`report.head_${name}`) }, value);
  const scored = item.unscored ? t("report.scored_of", { n: item.scored, all: item.scored + item.unscored }) : number(item.scored);
  return [
    h("tr", { id: `item-${place}` }, cell("order", place + 1), h("th", { scope: "row", class: "question", "data-head": t("report.head_question") }, h("span", {}, item.question)),
      cell("difficulty", shareOf(item.difficulty)), cell("discrimination", figureOf(item.discrimination)), cell("reliability", figureOf(item.reliability)), cell("scored", scored)),
    h("tr", { class: "more" }, h("td", { colspan: 6 }, h("details", {}, h("summary", { class: "small" }, t("report.more_on_item")), moreOn(item, place)))),
  ];
}

function moreOn(item, place) {
  const told = ["difficulty", "discrimination", "reliability", "reliability_without"].map((name) =>
    h("li", {}, h("strong", {}, t(`report.figure_${name}`, { value: name === "difficulty" ? shareOf(item[name]) : figureOf(item[name]) })), " ", item[name].meaning));
  const points = item.key_points.map(({ statement }, index) => h("li", {}, t("report.numbered", { n: index + 1, text: statement })));
  return h("div", { class: "stack" }, h("ul", { class: "stack tight words" }, told),
    verdictShares(item.key_points, { id: `points-${place}`, caption: t("report.by_point") }), h("ol", { class: "stack tight words" }, points));
}

const shareOf = ({ value }) => (value === null ? "–" : percent(value));

function missed(report) {
  if (!report.most_missed.length) return h("p", {}, t("report.nothing_missed"));
  const found = report.most_missed.map((one, place) => {
    const item = report.items[one.item];
    return { ...one, place, question: item.question, point: item.key_points.find(({ id }) => id === one.key_point) };
  });
  return [verdictShares(found.map(({ point }) => point), { id: "missed-verdicts", caption: t("report.missed_verdicts") }), entries(found, (one) => {
    const { place, point, question } = one;
    return [h("p", { class: "statement" }, t("report.numbered", { n: place + 1, text: point.statement })), h("p", { class: "small soft" }, t("report.lost", { share: percent(point.lost), question })),
      one.came_close.length ? [h("p", { class: "small" }, t("report.came_close")), quotes(report, one.came_close)] : h("p", { class: "small soft" }, t("report.nothing_close"))];
  })];
}

function misconceptions(report) {
  if (!report.misconceptions.length) return null;
  return entries(report.misconceptions, (one) => [
    h("p", { class: "statement tone misconception" }, icon("misconception"), " ", h("span", {}, one.statement)),
    h("p", { class: "small soft" }, t("report.share_of_answers", { share: percent(one.share), question: report.items[one.item].question })),
    one.correction && h("p", { class: "small" }, t("report.in_fact", { correction: one.correction })),
    quotes(report, one.quotes),
  ]);
}

function beyond(report) {
  if (!report.beyond_the_rubric.length) return null;
  const unread = report.sentences_read.filter((one) => one.read < one.of).length;
  return [entries(report.beyond_the_rubric, (one) => [
    h("p", {}, t("report.said_by", { n: one.candidates, question: report.items[one.item].question })), quotes(report, one.quotes),
  ]), unread > 0 && h("p", { class: "small soft" }, t("report.not_all_read", { n: unread }))];
}

function together(report) {
  const rest = report.answers_not_compared > 0 && h("p", { class: "small soft" }, t("report.not_compared", { n: report.answers_not_compared }));
  if (!report.look_at_these_together.length) return [h("p", {}, t("report.none_together")), rest];
  return [entries(report.look_at_these_together, (one) => [
    h("p", {}, t("report.alike", { n: one.answers.length, share: percent(one.similarity), question: report.items[one.item].question })),
    h("div", { class: "side" }, one.answers.slice(0, 6).map((at) => h("blockquote", { dir: "auto" }, h("p", { class: "small" }, who(report, at)), h("p", {}, report.answers[at].answer)))),
    one.answers.length > 6 && h("p", { class: "small" }, t("report.and_more", { n: one.answers.length - 6 })),
  ], 3), rest];
}

function notScored(report) {
  const left = unscored(report);
  if (!left.length) return null;
  return entries(left, (answer) => h("p", {}, who(report, report.answers.indexOf(answer)), " · ", report.items[answer.item].question, " · ", h("span", { class: "soft" }, answer.unscored_reason)));
}

/** A list, its first entries at once and the others on request, a piece at a time. */
function entries(list, content, most = MOST) {
  const items = h("ul", { class: "cards" });
  let shown = 0;
  const more = h("button", { class: "button small no-print", type: "button", onclick: () => add() }, "");
  const root = h("div", { class: "stack" }, items, h("p", {}, more));
  function add() {
    const next = list.slice(shown, shown + (shown ? 50 : most));
    const made = next.map((one) => h("li", { class: "card stack tight keep", tabindex: "-1" }, content(one)));
    items.append(...made);
    if (shown) made[0].focus();
    shown += next.length;
    more.hidden = shown >= list.length;
    more.textContent = t("report.show_more", { n: list.length - shown });
  }
  add();
  return root;
}

function quotes(report, found) {
  const rows = wordings(found);
  const line = ({ quote, answers }) =>
    h("li", {}, h("q", { dir: "auto" }, quote), " ", h("span", { class: "small soft" }, answers.slice(0, MOST_NAMES).map((at, index) => [index ? ", " : "", who(report, at)]),
      answers.length > MOST_NAMES && t("report.and_more", { n: answers.length - MOST_NAMES })));
  const rest = rows.slice(3);
  return [h("ul", { class: "said-so" }, rows.slice(0, 3).map(line)),
    rest.length > 0 && h("details", {}, h("summary", { class: "small" }, t("report.more_wordings", { n: rest.length })), h("ul", { class: "said-so" }, rest.map(line)))];
}

/** The name of the candidate of an answer, as a link to it. */
export function who(report, position) {
  const { candidate, item } = report.answers[position];
  return h("a", { href: `#candidate-${candidate}-${item}` }, h("bdi", {}, report.candidates[candidate].name));
}

