// What every page has: the choice of colours.
import { $, h, icon } from "./dom.js";
import { t } from "./messages.js";

const KEY = "grader.theme"; // as in theme.js
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const root = document.documentElement;
const button = $("#theme");

function show() {
  const theme = root.dataset.theme ?? "auto";
  const words = t("common.theme", { name: t(`common.theme_${theme}`) });
  button.replaceChildren(icon(`theme-${theme}`), h("span", { class: "hidden" }, words));
  button.title = words;
  button.hidden = false;
}

button.addEventListener("click", () => {
  const theme = NEXT[root.dataset.theme ?? "auto"];
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // without storage the choice lasts for this page
  }
  show();
});
show();
