// The row over the desk: a draft from a file and into one, to another rubric, or away.
import { confirmed } from "../js/dialog.js";
import { $ } from "../js/dom.js";
import { t } from "../js/messages.js";
import { toast } from "../js/toast.js";
import { addressOf, keepDraft, newKey } from "./drafts.js";
import { readRubric, save } from "./files.js";
import { fail } from "./publishing.js";
import { toYaml } from "./yaml.js";

/** take(text): a file's text becomes the draft's. forget(): drop the draft. */
export function tools(state, { take, forget }) {
  const named = (kind) => `${state.document.id || "rubric"}.${kind}`;
  $("#save-yaml").addEventListener("click", () => save(state.text, named("yaml"), "application/yaml"));
  $("#save-json").addEventListener("click", () => save(`${JSON.stringify(state.document, null, 2)}\n`, named("json"), "application/json"));
  $("#copy").addEventListener("click", () => copy(state.document));
  $("#import").addEventListener("change", (event) => bringIn(event.target, take));
  $("#discard").addEventListener("click", async () => {
    if (await confirmed(t("author.discard_title"), t("author.discard_text"), t("author.discard"))) forget();
  });
}

function copy(original) {
  const document = { ...original, id: `${original.id || "rubric"}-copy`.slice(0, 80), version: 1 };
  const one = { key: newKey(), rubric_id: null, base: null, text: toYaml(document), document, readable: true, question: document.question };
  if (keepDraft(one)) location.assign(addressOf(one));
  else toast(t("author.not_kept"), { kind: "bad" });
}

async function bringIn(input, take) {
  const [file] = input.files;
  if (!file) return;
  try {
    await take(await readRubric(file));
    toast(t("author.imported", { name: file.name }), { kind: "good" });
  } catch (problem) {
    fail(problem);
  }
  input.value = "";
}
