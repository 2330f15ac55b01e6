// Files of a batch: results and report, fetched so that a refusal is told in words.
import { open } from "../js/api.js";
import { h, icon } from "../js/dom.js";
import { t } from "../js/messages.js";
import { toast } from "../js/toast.js";
import { said } from "./trouble.js";

const RESULTS = ["csv", "xlsx", "jsonl", "parquet"];
const REPORTS = ["html", "xlsx", "json"];

/** The section with all of them. hidden(): whether names are hidden now. */
export function downloads(batchId, hidden) {
  const button = (path, name) => h("button", { class: "button", type: "button", onclick: ({ currentTarget }) => save(currentTarget, path()) }, icon("save"), name);
  const results = RESULTS.map((kind) => button(() => `/v1/batches/${batchId}/results?format=${kind}`, t(`cohort.format_${kind}`)));
  const reports = REPORTS.map((kind) => button(() => `/v1/batches/${batchId}/report?format=${kind}&hide_names=${hidden()}`, t(`cohort.format_${kind}`)));
  return h("section", { class: "stack part no-print", id: "downloads", "aria-labelledby": "downloads-title" },
    h("h2", { id: "downloads-title", tabindex: "-1" }, t("cohort.downloads")),
    h("div", { class: "pair" },
      h("div", { class: "stack tight" }, h("h3", {}, t("cohort.results")), h("p", { class: "small soft" }, t("cohort.results_text")), h("div", { class: "row" }, results)),
      h("div", { class: "stack tight" }, h("h3", {}, t("cohort.report")), h("p", { class: "small soft" }, t("cohort.report_text")), h("div", { class: "row" }, reports))));
}

async function save(button, path) {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    const response = await open(path);
    const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "download";
    const link = h("a", { href: URL.createObjectURL(await response.blob()), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (problem) {
    toast(problem.code ? said(problem) : t("trouble.offline"), { kind: "bad" });
  }
  button.ariaBusy = "false";
}
