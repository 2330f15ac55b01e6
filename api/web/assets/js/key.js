// The key of a service that asks for one: kept until the tab is closed, and never anywhere else.
import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./messages.js";

const KEY = "grader.key";
let asking = null;
let held = kept();

function kept() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(key) {
  held = key;
  try {
    sessionStorage.setItem(KEY, key);
  } catch {
    // without storage it lasts for this page
  }
}

/** The header that shows the key; none without one. */
export const credentials = () => (held ? { authorization: `Bearer ${held}` } : {});

/**
 * Ask for a key, because the service refused `used` (credentials as above). True when there is another one to try.
 * Many calls may be refused at once; they all wait for one question.
 */
export function askForKey(used) {
  if (credentials().authorization !== used.authorization) return true;
  asking ??= ask(Boolean(used.authorization)).finally(() => (asking = null));
  return asking;
}

async function ask(refused) {
  const field = h("input", { type: "password", name: "key", autocomplete: "off", required: true, autofocus: true });
  const content = [
    h("p", {}, t(refused ? "key.refused" : "key.wanted")),
    h("label", { class: "field" }, h("span", {}, t("key.key")), field, h("span", { class: "hint" }, t("key.kept"))),
  ];
  const buttons = [
    { value: "", label: t("common.cancel") },
    { value: "yes", label: t("key.use"), kind: "primary" },
  ];
  if ((await dialog(t("key.title"), content, buttons)) !== "yes") return false;
  keep(field.value.trim());
  return true;
}
