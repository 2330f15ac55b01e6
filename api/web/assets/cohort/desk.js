// The desk: an answer, and a verdict to accept or to change on each of its parts, all by keyboard if one likes.
import { $, $$, h, icon } from "../js/dom.js";
import { number, t } from "../js/messages.js";
import { linked, spansOf } from "../js/marked.js";
import { CERTAIN, verdictMark } from "../js/graded.js";
import { changes, keyOf, questionsOf } from "./judge.js";

const ICONS = { asserted: "misconception", absent: "missed" };

/**
 * { element, questions, decisions, focus(), press(event), lack(question, what) } for { sheet, reviewed, lane };
 * decisions: those that are kept from before; changed() is called after each.
 */
export function desk(task, decisions, changed) {
  const questions = questionsOf(task);
  const spans = task.reviewed ? spansOf(shown(task.reviewed.effective), "q") : [];
  const answer = document.createElement("marked-answer");
  answer.className = "prose";
  answer.show(task.sheet.answer, spans);
  const set = (question, value, reason) => {
    decisions[keyOf(question)] = { value, reason };
    changed();
  };
  const isDispute = task.lane === "adjudication";
  const main = questions.filter((one) => one.target !== "misconception" || one.standing !== "absent");
  const rest = questions.filter((one) => !main.includes(one));
  const list = (some) => h("ol", { class: "stack tight" }, some.map((one) => entry(one, decisions, set, isDispute)));
  const element = h("div", { class: "halves desk" },
    h("section", { class: "card said" }, h("h1", { class: "asked" }, task.sheet.question), answer),
    h("section", { class: "stack" }, h("h2", { class: "hidden" }, t("review.verdicts")), list(main),
      rest.length > 0 && h("details", {}, h("summary", { class: "small" }, t("review.other_misconceptions", { n: rest.length })), list(rest))));
  linked(element);
  return { element, questions, decisions, focus: () => $(".judge", element)?.focus(), press: (event) => press(element, event), lack };

  function lack(question, what) {
    const item = $$(".judge", element).find((one) => one.dataset.question === keyOf(question));
    item.closest("details")?.setAttribute("open", "");
    const fault = $(".fault", item);
    fault.textContent = t(`review.lacks_${what}`, { most: question.most });
    ({ reason: $(".why input", item), mark: $(".mark input", item) }[what] ?? item).focus();
  }
}

/** As the marks take it: misconceptions that count. */
const shown = (effective) => ({ ...effective, misconceptions: effective.misconceptions.filter((one) => one.asserted) });

function entry(question, decisions, set, isDispute) {
  const key = keyOf(question);
  const kept = decisions[key] ?? {};
  const reason = h("input", { class: "input", type: "text", maxlength: "2000", autocomplete: "off", value: kept.reason ?? "", oninput: () => set(question, chosen(), reason.value) });
  const why = h("label", { class: "field why" }, h("span", {}, t("review.reason")), reason);
  const choose = (value) => set(question, value, reason.value) || settle();
  const { element, chosen } = question.target === "total" ? written(question, kept, choose) : choice(question, kept, choose);
  const mark = markName(question);
  const item = h("li", { class: "judge card", tabindex: "-1", id: mark, "data-keys": mark, "data-question": key },
    h("fieldset", { class: "stack tight" }, heading(question), isDispute && ratings(question), element,
      background(question, isDispute), why, h("p", { class: "fault small", role: "alert" })));
  function settle() {
    why.hidden = !isDispute && !changes(question, { value: chosen() }) && !reason.value;
    item.classList.toggle("changed", changes(question, { value: chosen() }));
    $(".fault", item).textContent = "";
  }
  settle();
  return item;
}

function heading({ target, number: n, statement }) {
  const shownNumber = { key_point: () => number(n), misconception: () => t("graded.misconception_number", { n }) }[target];
  return h("legend", { class: "statement" }, shownNumber && h("span", { class: "soft figure" }, `${shownNumber()} `), statement ?? t("review.whole"));
}

/** As the answer's marks name it that belong to it; of the whole answer, none do. */
const markName = ({ target, number: n }) =>
  ({ key_point: () => `q-point-${number(n)}`, misconception: () => `q-wrong-${t("graded.misconception_number", { n })}`, total: () => "q-total" })[target]();

/** { element, chosen() }: one of the values by a radio. */
function choice(question, kept, choose) {
  const name = `verdict ${keyOf(question)}`;
  const named = (value) => (question.target === "key_point" ? t(`verdict.${value}`) : t(`review.found_${value}`));
  const element = h("div", { class: "choice slim" }, question.values.map((value, index) =>
    h("label", {}, h("input", { type: "radio", name, value, checked: value === (kept.value ?? question.standing), onchange: () => choose(value) }),
      h("span", {}, icon(ICONS[value] ?? value), named(value), h("kbd", { "aria-hidden": "true" }, index + 1)))));
  return { element, chosen: () => $("input:checked", element)?.value };
}

/** { element, chosen() }: a mark in figures, as it was written. */
function written({ most }, kept, choose) {
  const field = h("input", { type: "text", inputmode: "decimal", maxlength: "20", autocomplete: "off", value: kept.value ?? "", oninput: () => choose(field.value) });
  return { element: h("label", { class: "field mark" }, h("span", {}, t("review.mark", { most })), field), chosen: () => field.value };
}

const word = ({ target, most }, value) =>
  ({ key_point: verdictMark, misconception: () => t(`review.found_${value}`), total: () => t("review.points", { n: value, most }) })[target](value);

/** Two ratings or more that differ, side by side. */
function ratings(question) {
  return h("ul", { class: "ratings", "aria-label": t("review.ratings") }, question.said.map(({ reviewer, kind, value, reason, quote }) =>
    h("li", { class: "stack tight" }, h("p", { class: "small" }, h("bdi", {}, h("strong", {}, reviewer)), h("span", { class: "soft" }, ` (${t(`review.kind_${kind}`)})`)), h("p", {}, word(question, value)),
      h("p", { class: "small", dir: "auto" }, reason || h("span", { class: "soft" }, t("review.no_reason"))), quote && h("q", { class: "small", dir: "auto" }, quote))));
}

/** What the engine said, and others where they don't stand beside each other, as far as it may be seen. */
function background(question, isDispute) {
  const { engine, confidence } = question;
  const lines = (isDispute ? [] : question.said).map(({ reviewer, kind, value, reason }) => h("li", {}, h("bdi", {}, reviewer), ` (${t(`review.kind_${kind}`)}): `, word(question, value), reason && ` – ${reason}`));
  const share = Math.round(confidence * 100);
  const sure = confidence === undefined ? "" : engine === "partial" ? t("review.cant_tell") : confidence < CERTAIN ? t("review.unsure", { share }) : t("graded.would_agree", { share });
  if (engine === undefined && !lines.length) return null;
  return h("ul", { class: "small soft" }, engine !== undefined && engine !== "absent" && h("li", { class: "row" }, t("review.engine"), " ", word(question, engine), sure), lines);
}

/**
 * A key on the desk; true if it was one of its own. Letters and digits count only where no text is being written, and
 * none of them sends anything: somebody may take a card for a field and begin to write.
 */
function press(element, event) {
  const here = document.activeElement?.closest(".judge");
  const items = $$(".judge", element).filter((item) => item.offsetParent);
  const writing = event.target.matches("input[type=text], textarea, select");
  if (here && event.key === "Enter" && !event.isComposing && event.target.matches(".mark input")) {
    $(".why input", here).focus();
    return true;
  }
  if (here && event.key === "Enter" && !event.isComposing && event.target.matches(".judge, input")) {
    (items[items.indexOf(here) + 1] ?? $("#send")).focus();
    return true;
  }
  if (writing && here && event.key === "Escape") {
    here.focus();
    return true;
  }
  if (writing || event.ctrlKey || event.metaKey || event.altKey) return false;
  const step = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && !(event.key.startsWith("Arrow") && event.target.matches("input"))) {
    const next = items[(here ? items.indexOf(here) : -1) + step] ?? here ?? items[0];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    return true;
  }
  const field = here && /^[0-9.,]$/.test(event.key) && $(".mark input", here);
  if (field) field.select(); // what was pressed is written there
  const radio = here && /^[1-4]$/.test(event.key) && $$("input[type=radio]", here)[Number(event.key) - 1];
  if (!radio) return false;
  radio.click();
  const why = $(".why", here);
  (why.hidden ? here : $("input", why)).focus();
  return true;
}
