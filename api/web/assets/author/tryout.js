// Sample answers, graded against the draft as it is written, with the verdicts that the author expects beside the engine's.
import { post } from "../js/api.js";
import { $, h, icon } from "../js/dom.js";
import { number, t } from "../js/messages.js";
import { levelName } from "../js/names.js";
import { keepSamples, samples } from "./drafts.js";
import { heatMap } from "./heat.js";
import { settled } from "./later.js";
import { answer, score, verdicts } from "./tried.js";

const GRADE_AFTER = 700; // milliseconds
const MOST = 20; // answers that one call may hold

/** Show the pane in `root`; update(document) is called whenever the draft changes. */
export function open(root, { key }) {
  const list = samples(key);
  if (!list.length) list.push(fresh());
  const state = { key, list, chosen: list[0], document: null, tried: new Map(), problem: null };
  const choice = h("div", {});
  const field = h("textarea", { rows: 5, class: "answer", id: "sample", spellcheck: true, placeholder: t("author.sample_placeholder") });
  const status = h("p", { class: "soft small", role: "status" });
  const result = h("div", { class: "stack" });
  const pane = { state, choice, field, status, result };
  pane.grade = settled(GRADE_AFTER, (signal) => run(pane, signal));
  field.addEventListener("input", () => {
    state.chosen.text = field.value;
    keep(pane);
    pane.grade();
  });
  root.replaceChildren(choice, h("label", { class: "field" }, h("span", {}, t("author.sample_text")), field), status, result);
  drawChoice(pane);
  choose(pane, state.chosen);
  return {
    update(document) {
      if (JSON.stringify(document) === JSON.stringify(state.document)) return;
      state.document = structuredClone(document);
      drawChoice(pane);
      pane.grade();
    },
  };
}

const fresh = (text = "") => ({ id: crypto.randomUUID(), text, expected: {} });

function keep({ state, status }) {
  if (!keepSamples(state.key, state.list.filter((one) => one.text.trim()))) status.textContent = t("author.not_kept");
}

function drawChoice(pane) {
  const { state, choice } = pane;
  const options = state.list.map((one, index) =>
    h("label", {}, h("input", { type: "radio", name: "sample", checked: one === state.chosen, onchange: () => choose(pane, one) }),
      h("span", {}, t("author.sample", { n: index + 1 }), h("small", { class: "soft figure" }, met(state, one)))));
  const reference = state.document?.reference_answer;
  const hasReference = state.list.some((one) => one.text === reference);
  choice.replaceChildren(
    h("fieldset", { class: "choice samples" }, h("legend", {}, t("author.samples")), options),
    h("div", { class: "row" },
      h("button", { class: "button small", type: "button", disabled: state.list.length >= MOST, onclick: () => add(pane, fresh()) }, icon("plus"), t("author.add_sample")),
      reference && !hasReference && state.list.length < MOST &&
        h("button", { class: "button small", type: "button", onclick: () => add(pane, fresh(reference)) }, t("author.add_reference")),
      state.list.length > 1 && h("button", { class: "button ghost small", type: "button", onclick: () => drop(pane) }, t("author.remove_sample"))),
  );
}

/** "5/7": how many expected verdicts the engine gave. */
function met(state, sample) {
  const { right, all } = score(sample.expected, state.tried.get(sample));
  return all ? `${number(right)}/${number(all)}` : "";
}

function add(pane, sample) {
  const blank = pane.state.list.findIndex((one) => !one.text.trim());
  if (blank >= 0 && sample.text) pane.state.list.splice(blank, 1, sample);
  else pane.state.list.push(sample);
  keep(pane);
  choose(pane, sample);
  drawChoice(pane);
  pane.grade();
  pane.field.focus();
}

function drop(pane) {
  const { state } = pane;
  state.list.splice(state.list.indexOf(state.chosen), 1);
  keep(pane);
  choose(pane, state.list[0]);
  drawChoice(pane);
}

function choose(pane, sample) {
  pane.state.chosen = sample;
  pane.field.value = sample.text;
  draw(pane);
}

async function run(pane, signal) {
  const { state, status } = pane;
  const asked = state.list.filter((one) => one.text.trim());
  if (!asked.length || !state.document) return draw(pane);
  const document = state.document;
  status.textContent = t("author.trying");
  try {
    const body = { rubric: document, answers: asked.map((one) => one.text) };
    const { answers } = await post("/v1/rubrics:try", body, { signal });
    state.tried = new Map(asked.map((one, index) => [one, { ...answers[index], text: one.text, document }]));
    state.problem = null;
  } catch (problem) {
    if (signal.aborted) return;
    state.problem = problem;
  }
  status.textContent = "";
  drawChoice(pane);
  draw(pane);
}

function draw(pane) {
  const { state, result } = pane;
  const tried = state.tried.get(state.chosen);
  const problem = state.problem && h("p", { class: "note bad" }, icon("flag"),
    h("span", {}, state.problem.status === 422 ? t("author.not_tried", { why: state.problem.detail }) : state.problem.words));
  if (!tried || !state.chosen.text.trim()) return result.replaceChildren(problem || h("p", { class: "soft" }, t("author.try_hint")));
  const { evaluation } = tried;
  result.replaceChildren(
    problem || "",
    h("div", { class: "row apart" },
      h("p", { class: "verdict-line" }, evaluation.level ? levelName(evaluation.level) : t("graded.unscored")),
      evaluation.points !== null && h("p", { class: "figure" }, t("graded.points_of", { points: evaluation.points, max: evaluation.max_points }))),
    total(state),
    evaluation.key_points.length ? verdicts(evaluation, pane.state.chosen.expected, (id, verdict) => expect(pane, id, verdict), () => expectAll(pane, evaluation)) : h("p", {}, evaluation.feedback),
    answer(tried),
    evaluation.key_points.length ? h("section", { class: "stack tight" }, h("h3", {}, t("author.why")), heatMap(tried.text, tried, tried.document)) : "",
  );
}

function total(state) {
  const scores = state.list.map((one) => score(one.expected, state.tried.get(one)));
  const all = scores.reduce((sum, one) => sum + one.all, 0);
  const right = scores.reduce((sum, one) => sum + one.right, 0);
  return all ? h("p", { class: "soft" }, t("author.met", { right, n: all })) : "";
}

function expect(pane, id, verdict) {
  const { expected } = pane.state.chosen;
  if (verdict) expected[id] = verdict;
  else delete expected[id];
  expectedChanged(pane, id);
}

function expectAll(pane, { key_points: points }) {
  for (const point of points) pane.state.chosen.expected[point.id] = point.verdict;
  expectedChanged(pane, points[0].id);
}

function expectedChanged(pane, id) {
  keep(pane);
  drawChoice(pane);
  draw(pane);
  const index = pane.state.tried.get(pane.state.chosen).evaluation.key_points.findIndex((point) => point.id === id);
  $(`#s-point-${index + 1} select`, pane.result)?.focus();
}
