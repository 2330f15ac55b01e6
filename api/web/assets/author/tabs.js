// Tabs as people expect them from the keyboard: arrows move, Home and End too. The chosen one is remembered.
import { $$ } from "../js/dom.js";
import { read, write } from "../js/store.js";

/** list: role="tablist" with buttons [aria-controls]. opened(id of a panel) is called at every change. */
export function tabs(list, opened) {
  const all = $$("[role=tab]", list);
  const shown = () => all.filter((tab) => !tab.hidden);
  const panel = (tab) => document.getElementById(tab.getAttribute("aria-controls"));

  function choose(tab, focus = false) {
    for (const one of all) {
      const is = one === tab;
      one.setAttribute("aria-selected", String(is));
      one.tabIndex = is ? 0 : -1;
      if (panel(one).role === "tabpanel") panel(one).hidden = !is;
    }
    if (focus) tab.focus();
    write("author.tab.last", panel(tab).id);
    opened(panel(tab).id);
  }

  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab);
  });
  list.addEventListener("keydown", (event) => {
    const row = shown();
    const at = row.indexOf(document.activeElement);
    const step = getComputedStyle(list).direction === "rtl" ? -1 : 1;
    const target = { ArrowRight: at + step, ArrowLeft: at - step, Home: 0, End: row.length - 1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    choose(row[(target + row.length) % row.length], true);
  });

  return {
    /** Open a panel by id; the first one that is shown where it can't be. */
    open(id) {
      choose(shown().find((tab) => panel(tab).id === id) ?? shown()[0]);
    },
    remembered: () => read("author.tab.last"),
    current: () => panel(all.find((tab) => tab.getAttribute("aria-selected") === "true") ?? all[0]).id,
  };
}
