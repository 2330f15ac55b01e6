// What a candidate did, kept in this browser: drafts by question, and graded attempts.
import { names, read, watch, write } from "../js/store.js";

/**
 * An attempt: { id, rubric_id, question, topic, difficulty, kind, at, text, evaluation, follow_ups }, where follow_ups
 * holds { question, text, evaluation } and evaluation is what the service answered.
 */
export const attempts = () =>
  names("attempt.")
    .map(read)
    .filter((attempt) => attempt?.evaluation)
    .sort((a, b) => (a.at < b.at ? -1 : 1));

/** A new attempt's id. (crypto.randomUUID is there on localhost and https only.) */
export const newId = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");

export const attemptsAt = (rubricId) => attempts().filter((attempt) => attempt.rubric_id === rubricId);
export const keep = (attempt) => write(`attempt.${attempt.id}`, attempt);

/** A draft: { rubric_id, question, topic, text, at }. It is there while its text isn't graded. */
export const draft = (rubricId) => read(`draft.${rubricId}`);
export const keepDraft = (one) => write(`draft.${one.rubric_id}`, { ...one, at: new Date().toISOString() });
export const dropDraft = (rubricId) => write(`draft.${rubricId}`, null);
export const drafts = () =>
  names("draft.")
    .map(read)
    .filter((one) => one?.text?.trim())
    .sort((a, b) => (a.at < b.at ? 1 : -1));

/** Forget everything. */
export function clear() {
  for (const name of [...names("attempt."), ...names("draft.")]) write(name, null);
}

/** The last attempt at each question, as a map by rubric id. */
export const latest = () => new Map(attempts().map((attempt) => [attempt.rubric_id, attempt]));

/** Call back when another tab grades something or writes. */
export const changed = (callback) => watch("", (name) => (!name || /^(attempt|draft)\./.test(name)) && callback(name));
