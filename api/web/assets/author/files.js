// Rubrics from files and into files.
import { post } from "../js/api.js";
import { h } from "../js/dom.js";
import { toYaml } from "./yaml.js";

/** A file's text as YAML; JSON is converted by the service, which names what is wrong with it. */
export async function readRubric(file) {
  const text = await file.text();
  if (!file.name.toLowerCase().endsWith(".json")) return text;
  const body = new Blob([text], { type: "application/json" });
  return toYaml((await post("/v1/rubrics:convert", body)).rubric);
}

/** A text as a body that the service reads as YAML. */
export const asYaml = (text) => new Blob([text], { type: "application/yaml" });

/** Have the browser save a text. */
export function save(text, name, type) {
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The question in a YAML text, for lists; "" where it can't be seen at a glance. */
export function questionIn(text) {
  const found = /^question:[ \t]*(?:[>|][-+]?[ \t]*\n[ \t]+)?(.*)$/m.exec(text)?.[1].trim() ?? "";
  return found.replace(/^(["'])(.*)\1$/, "$2");
}
