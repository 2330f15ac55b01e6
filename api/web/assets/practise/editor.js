// The sheet to write on: counts words, keeps the draft, hands in once at a time.
import { $, h, icon } from "../js/dom.js";
import { length } from "../js/marked.js";
import { t } from "../js/messages.js";
import { countWords } from "../js/names.js";
import { dropDraft, keepDraft } from "./attempts.js";

const SAVE_AFTER = 400; // milliseconds after a keystroke
const NEAR = 0.9; // share of the longest answer from which characters are counted, too

/** The editor of a question's page. about: { rubric_id, question, topic }; limit: of characters; handIn: on submit. */
export function editor(about, limit, handIn) {
  const form = $("#write");
  const field = $("#text");
  let timer = 0;
  let last = null; // the attempt that is being improved

  function save() {
    clearTimeout(timer);
    timer = 0;
    if (form.hidden || field.readOnly) return;
    if (!field.value && !last) dropDraft(about.rubric_id);
    else $("#saved").textContent = t(keepDraft({ ...about, text: field.value }) ? "practise.saved" : "practise.not_saved");
  }

  function count() {
    const characters = length(field.value);
    const words = t("practise.words", { n: countWords(field.value) });
    const near = characters > NEAR * limit;
    $("#count").textContent = near ? `${words} · ${t("practise.characters", { n: characters, limit })}` : words;
    $("#count").classList.toggle("fault", characters > limit);
  }

  field.addEventListener("input", () => {
    count();
    timer ||= setTimeout(save, SAVE_AFTER);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    handIn();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    handIn();
  });
  addEventListener("pagehide", save);
  addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());

  return {
    get text() {
      return field.value;
    },
    save,
    /** Show the sheet with a text; with the attempt that it improves, what that one lacked is shown beside. */
    open(text, improved, rubric) {
      last = improved ?? null;
      field.value = text;
      form.hidden = false;
      $("#leave").hidden = !last;
      $("#saved").textContent = "";
      showHints(last, rubric);
      count();
    },
    close() {
      clearTimeout(timer);
      timer = 0;
      form.hidden = true;
      dropDraft(about.rubric_id);
    },
    focus() {
      field.focus();
      field.setSelectionRange(field.value.length, field.value.length);
    },
    busy(is) {
      field.readOnly = is;
      const button = $("#submit");
      button.ariaBusy = String(is);
      button.ariaDisabled = String(is);
      button.textContent = t(is ? "practise.grading" : "practise.submit");
    },
  };
}

/** What the attempt lacked, as hints that don't give the points away. */
function showHints(attempt, rubric) {
  const open = attempt?.evaluation.key_points.filter((point) => point.verdict !== "covered") ?? [];
  const hintOf = (point) => rubric.key_points.find((one) => one.id === point.id)?.missed || point.feedback;
  const entries = open.map((point) => h("li", { class: `tone ${point.verdict}` }, icon(point.verdict), h("span", {}, hintOf(point))));
  $("#hints").hidden = open.length === 0;
  $("#hints").replaceChildren(h("h2", {}, t("practise.hints")), h("ul", { class: "stack tight" }, entries));
}
