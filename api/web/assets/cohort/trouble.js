// What went wrong with a file, a report or a review, in words for the person in front of the page.
import { h, icon } from "../js/dom.js";
import { has, t } from "../js/messages.js";

/** A Problem in words. */
export const said = ({ code, detail }) => (has(`trouble.${code}`) ? t(`trouble.${code}`) : t("trouble.other", { detail }));

/** A note that says it, with a button to try again where `again` is given. */
export function trouble(problem, again) {
  const fields = (problem.errors ?? []).map(({ message }) => message).filter((words) => !problem.detail.includes(words));
  return h("div", { class: "note bad" }, icon("flag"), h("p", {}, said(problem)), fields.map((words) => h("p", { class: "small" }, words)),
    again && h("p", {}, h("button", { class: "button small", type: "button", onclick: again }, icon("again"), t("common.again"))));
}
