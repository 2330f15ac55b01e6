// What the browser keeps of an author's work: drafts, and sample answers with the verdicts that they should get.
// A key is "of-ID" for a draft of a stored rubric and "new-…" for one that was never published.
import { names, read, watch, write } from "../js/store.js";

export const keyOf = (rubricId) => `of-${rubricId}`;
export const newKey = () => `new-${crypto.randomUUID().slice(0, 8)}`;

/** { key, rubric_id, text, question, base: { version, content_hash } | null, at }, or null. */
export const draft = (key) => read(`author.draft.${key}`);
export const keepDraft = (one) => write(`author.draft.${one.key}`, { ...one, at: new Date().toISOString() });
export const dropDraft = (key) => write(`author.draft.${key}`, null);

/** All drafts, the last one first. */
export function drafts() {
  const found = names("author.draft.").map(read).filter((one) => one?.text !== undefined);
  return found.sort((a, b) => b.at.localeCompare(a.at));
}

/** Another tab changed this draft. */
export const draftChanged = (key, changed) => watch(`author.draft.${key}`, changed);

/** [{ id, text, expected: { KEY POINT ID: VERDICT } }] */
export const samples = (key) => read(`author.samples.${key}`) ?? [];
export const keepSamples = (key, list) => write(`author.samples.${key}`, list.length ? list : null);

/** A draft was published: its samples belong to the stored rubric from now on. */
export function moveOn(key, rubricId) {
  dropDraft(key);
  const target = keyOf(rubricId);
  if (key === target) return;
  keepSamples(target, [...samples(target), ...samples(key)]);
  keepSamples(key, []);
}

/** The address of a draft's editor. */
export const addressOf = ({ key, rubric_id: rubricId }) =>
  rubricId ? `/author/edit/${encodeURIComponent(rubricId)}` : `/author/new?draft=${encodeURIComponent(key)}`;

/** An id: the first words of a text, and not one that is taken. */
export function named(text, taken) {
  const words = text.normalize("NFKD").toLowerCase().replace(/['’\u0300-\u036f]/g, "").match(/[a-z0-9]+/g) ?? [];
  const start = words.slice(0, 5).join("-").slice(0, 60) || "unnamed";
  let name = start;
  for (let n = 2; taken.includes(name); n += 1) name = `${start}-${n}`;
  return name;
}
