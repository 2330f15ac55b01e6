// Fields of the form, each bound to its place in the document by a path such as ["key_points", 2, "says"].
import { h } from "../js/dom.js";
import { t } from "../js/messages.js";

/** ["key_points", 2, "says"] → "key_points[2].says", as findings name places. */
export const pathOf = (path) => path.reduce((all, part) => (typeof part === "number" ? `${all}[${part}]` : all ? `${all}.${part}` : part), "");

export const at = (data, path) => path.reduce((value, part) => value?.[part], data);

/** The document of a form, and what to call after a change. */
export class Binding {
  constructor(document, changed) {
    Object.assign(this, { document, changed });
  }

  set(path, value) {
    at(this.document, path.slice(0, -1))[path.at(-1)] = value;
    this.changed();
  }

  #field(path, label, control, read, hint) {
    const name = pathOf(path);
    control.dataset.path = name;
    control.addEventListener("input", () => this.set(path, read()));
    const notes = `notes-${name}`;
    control.setAttribute("aria-describedby", notes);
    return h("div", { class: "bound" },
      h("label", { class: "field" }, h("span", {}, label), control, hint && h("span", { class: "hint" }, hint)),
      h("ul", { class: "found", id: notes }));
  }

  text(path, label, { hint, ...properties } = {}) {
    const control = h("input", { autocomplete: "off", ...properties, value: at(this.document, path) ?? "" });
    return this.#field(path, label, control, () => control.value, hint);
  }

  area(path, label, { hint, rows = 2, ...properties } = {}) {
    const control = h("textarea", { rows, ...properties, value: at(this.document, path) ?? "" });
    return this.#field(path, label, control, () => control.value, hint);
  }

  /** A list of texts, one a line. */
  lines(path, label, { hint, rows = 3 } = {}) {
    const list = at(this.document, path) ?? [];
    const control = h("textarea", { rows, value: list.map((one) => one.replace(/\s+/g, " ")).join("\n") });
    return this.#field(path, label, control, () => split(control.value, /\n/), hint);
  }

  /** A list of short texts with commas between. */
  words(path, label, { hint } = {}) {
    const control = h("input", { autocomplete: "off", value: (at(this.document, path) ?? []).join(", ") });
    return this.#field(path, label, control, () => split(control.value, /,/), hint);
  }

  number(path, label, properties = {}) {
    const control = h("input", { type: "number", inputmode: "decimal", ...properties, value: at(this.document, path) });
    return this.#field(path, label, control, () => (Number.isFinite(control.valueAsNumber) ? control.valueAsNumber : 0));
  }

  select(path, label, options) {
    const control = h("select", {}, options.map(([value, name]) => h("option", { value }, name)));
    control.value = at(this.document, path);
    return this.#field(path, label, control, () => control.value);
  }

  check(path, label) {
    const control = h("input", { type: "checkbox", "data-path": pathOf(path) });
    control.checked = at(this.document, path) ?? false;
    control.addEventListener("input", () => this.set(path, control.checked));
    return h("label", { class: "tick" }, control, h("span", {}, label));
  }
}

const split = (text, mark) => text.split(mark).map((part) => part.trim()).filter(Boolean);

/** A button with a symbol; the words say what it does to what. */
export const small = (label, onclick, properties = {}) =>
  h("button", { class: "button ghost small", type: "button", onclick, ...properties }, label);

/** Move and remove buttons of an item in a list. */
export function handles(list, index, name, redraw) {
  const move = (to) => {
    list.splice(to, 0, ...list.splice(index, 1));
    redraw(to);
  };
  const item = t(`author.one_${name}`, { n: index + 1 });
  return h("div", { class: "row handles" },
    index > 0 && small(t("author.up"), () => move(index - 1), { "aria-label": t("author.move_up", { item }) }),
    index < list.length - 1 && small(t("author.down"), () => move(index + 1), { "aria-label": t("author.move_down", { item }) }),
    small(t("author.remove"), () => {
      list.splice(index, 1);
      redraw(Math.min(index, list.length - 1));
    }, { "aria-label": t("author.remove_it", { item }) }));
}
