// A batch as it goes on: told by the service as it happens, or asked for where that can't be had.
import { get, open } from "../js/api.js";

const PAUSE = 2_000; // milliseconds between two questions
const OVER = ["done", "cancelled", "failed"];

export const isOver = ({ state }) => OVER.includes(state);

/**
 * Calls `changed` with the batch whenever it has changed, until it is over or the signal says stop; returns it as it is
 * then. `lost` is called with each Problem on the way, for the service may come back.
 */
export async function watch(id, changed, { signal, lost = () => {} } = {}) {
  let last = await heard(id, changed, signal);
  while (!signal?.aborted && !(last && isOver(last))) {
    try {
      changed((last = await get(`/v1/batches/${id}`, { signal })));
    } catch (problem) {
      if (signal?.aborted) break;
      if (problem.status === 404) throw problem;
      lost(problem);
    }
    if (!last || !isOver(last)) await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return last;
}

/** Listen to server-sent events; returns the last batch heard of, null where there was none. */
async function heard(id, changed, signal) {
  let last = null;
  try {
    const { body } = await open(`/v1/batches/${id}/events`, { signal });
    for await (const batch of events(body)) changed((last = batch));
  } catch {
    // Something in between holds streams back, or the service went away: asking goes on.
  }
  return last;
}

async function* events(body) {
  let rest = "";
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
      if (data.length) yield JSON.parse(data.join("\n"));
    }
  }
}
