// Modal dialogs on the browser's own <dialog>: focus stays inside, Escape closes, focus comes back.
import { h } from "./dom.js";
import { t } from "./messages.js";

let count = 0;

/**
 * Show a dialog with a heading and elements; resolves with the value of the button that closed it, "" for Escape.
 * buttons: [{ value, label, kind }]; one with the value "" cancels, and Enter in a field presses the first other one.
 */
export function dialog(heading, content, buttons) {
  const id = `dialog-${(count += 1)}`;
  const cancel = () => box.close("");
  const row = buttons.map(({ value, label, kind = "" }) =>
    h("button", { class: `button ${kind}`, value, ...(value ? {} : { type: "button", onclick: cancel }) }, label),
  );
  const box = h(
    "dialog",
    { class: "dialog", "aria-labelledby": id },
    h("form", { method: "dialog" }, h("h2", { id }, heading), content, h("div", { class: "row end" }, row)),
  );
  document.body.append(box);
  box.showModal();
  return new Promise((resolve) => {
    box.addEventListener("close", () => {
      box.remove();
      resolve(box.returnValue);
    });
  });
}

/** Ask before something that can't be undone. */
export async function confirmed(heading, text, label) {
  const buttons = [
    { value: "", label: t("common.cancel") },
    { value: "yes", label, kind: "danger" },
  ];
  return (await dialog(heading, h("p", {}, text), buttons)) === "yes";
}
