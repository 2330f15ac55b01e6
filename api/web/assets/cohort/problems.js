// What of a batch isn't graded: bad rows by line, then answers that failed.
import { get } from "../js/api.js";
import { h } from "../js/dom.js";
import { number, t } from "../js/messages.js";
import { trouble } from "./trouble.js";

const AT_ONCE = 50;

/** A table of them, which grows on request. */
export async function problemList(batchId) {
  const body = h("tbody", {});
  const more = h("button", { class: "button small", type: "button", onclick: () => add() }, t("cohort.more_problems"));
  const root = h("div", { class: "stack tight" },
    h("table", { class: "table fold problems" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "num" }, t("cohort.line")), h("th", { scope: "col" }, t("cohort.head_column")), h("th", { scope: "col" }, t("cohort.reason")))),
      body),
    h("p", {}, more));
  let cursor = "";
  async function add() {
    if (more.ariaBusy === "true") return;
    more.ariaBusy = "true";
    try {
      const page = await get(`/v1/batches/${batchId}/errors?limit=${AT_ONCE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      body.append(...page.items.map(row));
      cursor = page.next_cursor ?? "";
      more.parentElement.hidden = !cursor;
    } catch (problem) {
      root.append(trouble(problem));
    }
    more.ariaBusy = "false";
  }
  await add();
  return root;
}

const row = ({ line, column, reason }) =>
  h("tr", {}, h("td", { class: "num", "data-head": t("cohort.line") }, number(line)), h("td", { "data-head": t("cohort.head_column") }, h("bdi", {}, column ?? "–")),
    h("td", { "data-head": t("cohort.reason"), dir: "auto" }, reason));
