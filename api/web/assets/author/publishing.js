// A draft becomes the latest version of its rubric, or a new rubric.
import { post, put } from "../js/api.js";
import { confirmed } from "../js/dialog.js";
import { $, h, icon } from "../js/dom.js";
import { t } from "../js/messages.js";
import { asYaml } from "./files.js";
import { errorsIn } from "./findings.js";

/** Say what went wrong, and offer to try again. */
export function fail(problem, again) {
  const details = (problem.errors ?? []).slice(0, 5).map((error) => h("p", { class: "small" }, `${error.field}: ${error.message}`));
  $("#problem").replaceChildren(h("div", { class: "note bad" }, icon("flag"), h("p", {}, problem.words), details,
    again && h("p", {}, h("button", { class: "button small", type: "button", onclick: again }, icon("again"), t("common.again")))));
}

/** Say that a version was published meanwhile; nothing of either is lost. */
export function overtaken(version, compare, keep) {
  $("#problem").replaceChildren(h("div", { class: "note warn" }, icon("flag"),
    h("p", {}, t("author.overtaken", { n: version })),
    h("div", { class: "row" },
      h("button", { class: "button small", type: "button", onclick: compare }, t("author.see_changes")),
      h("button", { class: "button small", type: "button", onclick: keep }, t("author.keep_mine", { n: version })))));
}

/**
 * Publish a draft; the stored version, or null where it wasn't. check.now(): bring the findings up to date. conflict():
 * another version was published meanwhile.
 */
export async function published(state, rubricId, { check, conflict, again }) {
  const button = $("#publish");
  if (button.ariaBusy === "true") return null;
  $("#problem").replaceChildren();
  button.ariaBusy = "true";
  try {
    if (!state.isChecked) await check.now();
    const errors = errorsIn(state.findings);
    if (errors && !(await confirmed(t("author.publish_title"), t("author.publish_errors", { n: errors }), t("author.publish_anyway")))) return null;
    if (!state.base) return await post("/v1/rubrics", asYaml(state.text));
    const headers = { "if-match": `"${state.base.content_hash}"` };
    return await put(`/v1/rubrics/${encodeURIComponent(rubricId)}`, asYaml(state.text), { headers });
  } catch (problem) {
    if (problem.status === 412) await conflict();
    else if (problem.code === "already_exists") fail({ words: t("author.taken") });
    else fail(problem, problem.status >= 500 || !problem.status ? again : null);
    return null;
  } finally {
    button.ariaBusy = "false";
  }
}
