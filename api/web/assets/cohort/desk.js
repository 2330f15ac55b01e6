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
  const main = questions.filter((one) => one.target === "key_point" || one.standing !== "absent");
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
    fault.textContent = t(`review.lacks_${what}`);
    (what === "reason" ? $("input[type=text]", item) : item).focus();
  }
}

/** As the marks take it: misconceptions that count. */
const shown = (effective) => ({ ...effective, misconceptions: effective.misconceptions.filter((one) => one.asserted) });

function entry(question, decisions, set, isDispute) {
  const isPoint = question.target === "key_point";
  const shownNumber = isPoint ? number(question.number) : t("graded.misconception_number", { n: question.number });
  const key = keyOf(question);
  const kept = decisions[key] ?? {};
  const name = `verdict ${key}`;
  const reason = h("input", { class: "input", type: "text", maxlength: "2000", autocomplete: "off", value: kept.reason ?? "", oninput: () => set(question, chosen(), reason.value) });
  const why = h("label", { class: "field why" }, h("span", {}, t("review.reason")), reason);
  const radios = question.values.map((value, index) =>
    h("label", {}, h("input", { type: "radio", name, value, checked: value === (kept.value ?? question.standing), onchange: () => set(question, value, reason.value) || settle() }),
      h("span", {}, icon(ICONS[value] ?? value), isPoint ? t(`verdict.${value}`) : t(`review.found_${value}`), h("kbd", { "aria-hidden": "true" }, index + 1))));
  const chosen = () => $("input:checked", item)?.value;
  const mark = `q-${isPoint ? "point" : "wrong"}-${shownNumber}`;
  const item = h("li", { class: "judge card", tabindex: "-1", id: mark, "data-keys": mark, "data-question": key },
    h("fieldset", { class: "stack tight" },
      h("legend", { class: "statement" }, h("span", { class: "soft figure" }, `${shownNumber} `), question.statement),
      isDispute && ratings(question), h("div", { class: "choice slim" }, radios),
      background(question, isDispute), why, h("p", { class: "fault small", role: "alert" })));
  function settle() {
    why.hidden = !isDispute && !changes(question, { value: chosen() }) && !reason.value;
    item.classList.toggle("changed", changes(question, { value: chosen() }));
    $(".fault", item).textContent = "";
  }
  settle();
  return item;
}

const word = (target, value) => (target === "key_point" ? verdictMark(value) : t(`review.found_${value}`));

/** Two ratings or more that differ, side by side. */
function ratings({ said, target }) {
  return h("ul", { class: "ratings", "aria-label": t("review.ratings") }, said.map(({ reviewer, kind, verdict, reason, quote }) =>
    h("li", { class: "stack tight" }, h("p", { class: "small" }, h("bdi", {}, h("strong", {}, reviewer)), h("span", { class: "soft" }, ` (${t(`review.kind_${kind}`)})`)), h("p", {}, word(target, verdict)),
      h("p", { class: "small", dir: "auto" }, reason || h("span", { class: "soft" }, t("review.no_reason"))), quote && h("q", { class: "small", dir: "auto" }, quote))));
}

/** What the engine said, and others where they don't stand beside each other, as far as it may be seen. */
function background({ engine, confidence, said, target }, isDispute) {
  const lines = (isDispute ? [] : said).map(({ reviewer, kind, verdict, reason }) => h("li", {}, h("bdi", {}, reviewer), ` (${t(`review.kind_${kind}`)}): `, word(target, verdict), reason && ` – ${reason}`));
  const share = Math.round(confidence * 100);
  const sure = confidence === undefined ? "" : engine === "partial" ? t("review.cant_tell") : confidence < CERTAIN ? t("review.unsure", { share }) : t("graded.would_agree", { share });
  if (engine === undefined && !lines.length) return null;
  return h("ul", { class: "small soft" }, engine !== undefined && engine !== "absent" && h("li", { class: "row" }, t("review.engine"), " ", word(target, engine), sure), lines);
}

/**
 * A key on the desk; true if it was one of its own. Letters and digits count only where no text is being written, and
 * none of them sends anything: somebody may take a card for a field and begin to write.
 */
function press(element, event) {
  const here = document.activeElement?.closest(".judge");
  const items = $$(".judge", element).filter((item) => item.offsetParent);
  const writing = event.target.matches("input[type=text], textarea, select");
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
  const radio = here && /^[1-4]$/.test(event.key) && $$("input[type=radio]", here)[Number(event.key) - 1];
  if (!radio) return false;
  radio.click();
  const why = $(".why", here);
  (why.hidden ? here : $("input", why)).focus();
  return true;
}
