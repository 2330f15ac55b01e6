// What the linter finds: as a list, and beside the fields that it is about.
import { post } from "../js/api.js";
import { $, $$, h, icon } from "../js/dom.js";
import { t } from "../js/messages.js";
import { asYaml } from "./files.js";

const PATIENCE = 120_000; // milliseconds in which a starting service is waited for
const SIGN = { error: "contradicted", warning: "misconception" };

/** The list. toForm(path) and toLine(line) go to the place. */
function listed(findings, toForm, toLine) {
  if (!findings.length) return h("p", { class: "note" }, icon("covered"), h("span", {}, t("author.nothing_found")));
  const sorted = findings.toSorted((a, b) => (a.severity === b.severity ? (a.line ?? 0) - (b.line ?? 0) : a.severity === "error" ? -1 : 1));
  return h("ol", { class: "findings" }, sorted.map((one) =>
    h("li", { class: one.severity },
      h("p", { class: "row" }, sign(one), h("code", {}, one.path || t("author.whole"))),
      h("p", {}, one.message),
      h("p", { class: "soft" }, one.remedy),
      h("p", { class: "row" },
        h("button", { class: "button small", type: "button", onclick: () => toForm(one.path) }, t("author.to_field")),
        one.line && h("button", { class: "button small", type: "button", onclick: () => toLine(one.line) }, t("author.to_line", { line: one.line }))))));
}

const sign = ({ severity }) => h("span", { class: `severity ${severity}` }, icon(SIGN[severity]), t(`author.${severity}`));

/** Put findings beside the fields of a form, and their number on what is folded over them. */
export function beside(root, findings) {
  for (const notes of $$(".found", root)) notes.replaceChildren();
  for (const control of $$("[aria-invalid]", root)) control.removeAttribute("aria-invalid");
  for (const one of findings) {
    const control = fieldAt(root, one.path);
    const notes = control?.closest(".bound")?.querySelector(".found");
    if (!notes) continue;
    if (one.severity === "error") control.setAttribute("aria-invalid", "true");
    notes.append(h("li", { class: one.severity }, icon(SIGN[one.severity]), h("span", {}, one.message, h("span", { class: "remedy" }, one.remedy))));
  }
  for (const box of $$("details", root)) {
    const count = $$(".found > li", box).length;
    const tag = box.querySelector(":scope > summary > .faults");
    tag.hidden = count === 0;
    tag.textContent = t("author.findings", { n: count });
  }
}

/** The field at a path, or else at what encloses it: "key_points[2].says[1]" is in the field of "key_points[2].says". */
export function fieldAt(root, path) {
  for (let place = path; place; place = place.replace(/(\.\w+|\[\d+\])$|^\w+$/, "")) {
    const found = $$("[data-path]", root).find((element) => element.dataset.path === place);
    if (found) return found.matches("li") ? (found.querySelector("textarea, input") ?? found) : found;
  }
  return null;
}

/** Open what is folded over a field, and go there. */
export function goTo(root, path) {
  const control = fieldAt(root, path) ?? root.querySelector("textarea, input");
  for (let box = control?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  control?.scrollIntoView({ block: "center" });
  control?.focus({ preventScroll: true });
}

export const errorsIn = (findings) => findings.filter((one) => one.severity === "error").length;

/** Have a text checked, and show what is found; null where nothing came back. toForm, toLine: as for `listed`. */
export async function checked(text, { signal, toForm, toLine }) {
  try {
    const { findings, errors, warnings } = await post("/v1/rubrics:check", asYaml(text), { signal, patience: PATIENCE });
    $("#found").replaceChildren(listed(findings, toForm, toLine));
    $("#found-count").textContent = String(findings.length || "✓");
    $("#found-words").textContent = t("author.found", { errors: t("author.errors", { n: errors }), warnings: t("author.warnings", { n: warnings }) });
    return findings;
  } catch (problem) {
    if (!signal.aborted) $("#found").replaceChildren(h("p", { class: "note bad" }, icon("flag"), h("span", {}, problem.words)));
    return null;
  }
}
