// Short notices at the edge of the page, read out by screen readers.
import { $, h, icon } from "./dom.js";
import { t } from "./messages.js";

const SECONDS = 6;

/** Say something; it goes by itself unless `stays`. kind: "info", "good" or "bad". */
export function toast(text, { kind = "info", stays = kind === "bad" } = {}) {
  const close = h(
    "button",
    { class: "button ghost small", type: "button", "aria-label": t("common.dismiss"), onclick: () => item.remove() },
    icon("close"),
  );
  const item = h("div", { class: `toast ${kind}` }, h("span", {}, text), close);
  $("#toasts").append(item);
  if (!stays) setTimeout(() => item.remove(), SECONDS * 1000);
  return item;
}
