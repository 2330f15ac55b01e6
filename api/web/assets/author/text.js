// The YAML: a field with numbered lines, marks where something was found, and proposals of what fits.
import { get } from "../js/api.js";
import { $, h } from "../js/dom.js";
import { t } from "../js/messages.js";

const field = $("#yaml");
const gutter = $("#gutter");
const proposals = $("#proposals");
let fitting = null; // what to propose: (text, place) → proposals; loaded when it is first wanted

/** typed(text): the person changed the text. */
export function listen(typed) {
  field.addEventListener("input", () => {
    number([]);
    typed(field.value);
    propose();
  });
  field.addEventListener("scroll", () => (gutter.scrollTop = field.scrollTop));
  field.addEventListener("focus", async () => {
    fitting ??= await load();
    propose();
  });
  field.addEventListener("click", propose);
  field.addEventListener("keyup", (event) => event.key.startsWith("Arrow") && propose());
  field.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      $("button", proposals)?.focus();
    }
  });
  proposals.addEventListener("keydown", (event) => {
    if (event.key === "Escape") field.focus();
  });
}

async function load() {
  try {
    const [schema, { completions }] = await Promise.all([get("/v1/rubrics/schema"), import("./complete.js")]);
    return (text, caret) => completions(text, caret, schema);
  } catch {
    return null; // then nothing is proposed
  }
}

/** Show a text; the place of the cursor and of the view stay. */
export function show(text) {
  if (field.value === text) return;
  const { selectionStart, scrollTop } = field;
  field.value = text;
  field.setSelectionRange(selectionStart, selectionStart);
  field.scrollTop = scrollTop;
  number([]);
}

/** Number the lines, and mark those with findings. */
export function number(findings) {
  const worst = new Map();
  for (const { line, severity } of findings) if (line && worst.get(line) !== "error") worst.set(line, severity);
  const lines = field.value.split("\n").map((_, index) => {
    const severity = worst.get(index + 1);
    return h("span", { class: severity ?? "" }, `${index + 1}\n`);
  });
  gutter.replaceChildren(...lines);
  gutter.scrollTop = field.scrollTop;
}

/** Put the cursor on a line and bring it into view. */
export function goTo(line) {
  const lines = field.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  const height = field.scrollHeight / lines.length;
  field.scrollTop = Math.max(0, (line - 4) * height);
}

function propose() {
  const caret = field.selectionStart;
  const { from, to, items } = fitting ? fitting(field.value, caret) : { items: [] };
  const take = (item) => {
    field.focus();
    field.setRangeText(item.insert, from, to, "end");
    field.dispatchEvent(new Event("input"));
  };
  proposals.replaceChildren(...items.slice(0, 12).map((item) =>
    h("button", { class: "button small", type: "button", title: item.hint, onclick: () => take(item) }, item.label)));
  $("#proposals-empty").textContent = items.length ? t("author.proposals") : t("author.proposals_none");
}
