// Which question comes next: one that wasn't answered yet, of the chosen topic and difficulty.
import { get } from "../js/api.js";
import { read, write } from "../js/store.js";
import { latest } from "./attempts.js";

/** The filter that was chosen last: { topic, difficulty }, either may be "". */
export const filter = () => ({ topic: "", difficulty: "", ...read("filter") });
export const keepFilter = ({ topic = "", difficulty = "" }) => write("filter", { topic, difficulty });

/** The address of a question's page. */
export const address = (rubricId) => `/practise/${encodeURIComponent(rubricId)}`;

/**
 * Draw: { item, again }, or null where nothing fits. `again` says that all that fit were answered; then it is the one
 * with the lowest coverage. `not`: a rubric id to leave out, if there is another.
 */
export async function draw({ topic, difficulty }, not, options) {
  const query = new URLSearchParams({ n: 50, ...(topic && { topics: topic }), ...(difficulty && { difficulty }) });
  const drawn = await get(`/v1/practice?${query}`, options);
  const done = latest();
  const others = drawn.items.filter((item) => item.rubric_id !== not);
  const fresh = others.find((item) => !done.has(item.rubric_id));
  if (fresh) return { item: fresh, again: false };
  const coverage = (item) => done.get(item.rubric_id)?.evaluation.coverage ?? 0;
  const weakest = others.toSorted((a, b) => coverage(a) - coverage(b))[0] ?? drawn.items[0];
  return weakest ? { item: weakest, again: true } : null;
}
