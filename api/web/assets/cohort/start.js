// A file of answers: choose it, say what its columns hold, see which rows can't be graded, have it graded.
import "../js/shell.js";
import { get, post } from "../js/api.js";
import { $, h, icon } from "../js/dom.js";
import { moment, t } from "../js/messages.js";
import { columnForm } from "./columns.js";
import { problemList } from "./problems.js";
import { trouble } from "./trouble.js";
import { watch } from "./watch.js";

const PATIENCE = 120_000; // the service may still be starting
const UPLOAD = 3_600_000; // milliseconds that a file may take
const BEGINNING = 1_000_000; // bytes that are enough to see the columns
const LINES = /\.(csv|tsv|tab|txt|jsonl|ndjson|json)$/i;
const EXAMPLE = new URL("example.csv", import.meta.url);

const state = { file: null, form: null, map: null, busy: false };
const say = (text) => ($("#progress").textContent = text);
const waiting = () => say(t("cohort.starting"));

/** Run one step at a time; what goes wrong is told, and can be tried again. */
async function step(button, words, run) {
  if (state.busy) return;
  state.busy = true;
  if (button) button.ariaBusy = "true";
  $("#problem").replaceChildren();
  say(words);
  try {
    await run();
    say("");
  } catch (problem) {
    say("");
    $("#problem").replaceChildren(trouble(problem, () => step(button, words, run)));
  } finally {
    state.busy = false;
    if (button) button.ariaBusy = "false";
  }
}

function reveal(id) {
  const section = $(id);
  section.hidden = false;
  const heading = $("h2", section);
  heading.focus({ preventScroll: true });
  section.scrollIntoView({ block: "start" });
}

/** A form with the file, or only its beginning up to the end of a row where that is enough. */
async function form(file, fields = {}) {
  const data = new FormData();
  data.append("file", file, state.file.name);
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

async function beginning(file) {
  if (!LINES.test(file.name) || file.size <= BEGINNING) return file;
  const bytes = new Uint8Array(await file.slice(0, BEGINNING).arrayBuffer());
  const isWide = bytes[0] > 0xfd; // UTF-16: a line's end has two bytes
  const end = bytes.lastIndexOf(0x0a);
  return isWide || end < 0 ? file : file.slice(0, end + 1);
}

async function choose(file) {
  if (!file) return;
  state.file = file;
  for (const id of ["#columns", "#checked"]) $(id).hidden = true;
  $("#chosen").textContent = t("cohort.chosen", { name: file.name, size: size(file.size) });
  await step(null, t("cohort.looking"), async () => {
    const body = await form(await beginning(file));
    const options = { patience: PATIENCE, waiting, timeout: UPLOAD };
    const [preview, rubrics] = await Promise.all([post("/v1/batches:preview", body, options), allRubrics()]);
    state.form = columnForm(preview, rubrics);
    $("#mapping").replaceChildren(state.form.element);
    reveal("#columns");
  });
}

const size = (bytes) => (bytes < 1e6 ? t("cohort.kilobytes", { n: Math.ceil(bytes / 1e3) }) : t("cohort.megabytes", { n: Math.round(bytes / 1e5) / 10 }));

async function allRubrics() {
  const found = [];
  let cursor = "";
  do {
    const page = await get(`/v1/rubrics?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, { patience: PATIENCE, waiting });
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}

async function check() {
  const told = state.form.mapping();
  $("#mapping-fault").textContent = told.fault ?? "";
  if (told.fault) return (told.field ?? $("#mapping select")).focus();
  state.map = JSON.stringify(told.map);
  await step($("#check"), t("cohort.checking"), async () => {
    const sent = await post("/v1/batches", await form(state.file, { mapping: state.map, dry_run: "true" }), { timeout: UPLOAD });
    const batch = await watch(sent.id, () => {});
    await showCheck(batch);
  });
}

async function showCheck(batch) {
  const { items, bad_rows: bad } = batch.counts;
  $("#check-sum").replaceChildren(
    batch.fault ? h("p", {}, t("cohort.unreadable", { fault: batch.fault })) : h("p", { class: "lead" }, t("cohort.gradable", { n: items })),
    bad > 0 && h("p", {}, t("cohort.bad_rows", { n: bad })) || "");
  $("#check-problems").replaceChildren(bad > 0 ? await problemList(batch.id) : "");
  $("#grade").hidden = items === 0;
  $("#grade-words").textContent = t("cohort.grade", { n: items });
  reveal("#checked");
}

async function grade() {
  await step($("#grade"), t("cohort.sending"), async () => {
    const batch = await post("/v1/batches", await form(state.file, { mapping: state.map }), { timeout: UPLOAD });
    location.href = `/cohort/${batch.id}`;
  });
}

let next = "";
async function list() {
  const place = $("#batches");
  try {
    const page = await get(`/v1/batches?limit=50${next && `&cursor=${encodeURIComponent(next)}`}`, { patience: PATIENCE, waiting });
    next = page.next_cursor ?? "";
    const rows = page.items.filter((batch) => !batch.dry_run).map(entry);
    if (place.ariaBusy === "true") place.replaceChildren();
    place.append(...rows);
    $("#more").hidden = !next;
    $("#before").hidden = !place.children.length;
  } catch (problem) {
    place.replaceChildren(h("li", { role: "alert" }, trouble(problem, () => location.reload())));
  }
  place.ariaBusy = "false";
}

function entry({ id, name, state: where, counts, created_at: at }) {
  const told = where === "done" ? t("cohort.answers", { n: counts.graded }) : t(`cohort.state_${where}`);
  return h("li", {}, h("a", { href: `/cohort/${id}` }, h("span", { class: "name" }, name || t("cohort.unnamed")),
    h("span", { class: "small soft row" }, h("span", {}, moment(at)), h("span", {}, told),
      counts.bad_rows + counts.failed > 0 && h("span", {}, icon("flag"), " ", t("cohort.not_graded", { n: counts.bad_rows + counts.failed })))));
}

const drop = $("#drop");
$("#file").addEventListener("change", ({ target }) => {
  choose(target.files[0]);
  target.value = ""; // the same file, mended, can be chosen again
});
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  choose(event.dataTransfer.files[0]);
});
$("#example").addEventListener("click", async () => {
  const content = await fetch(EXAMPLE).then((response) => response.blob());
  choose(new File([content], t("cohort.example_name")));
});
$("#check").addEventListener("click", check);
$("#grade").addEventListener("click", grade);
$("#more").addEventListener("click", list);
await list();
