// The only way to the service: JSON over its public HTTP API. Every failure is a Problem that can say itself in words.
import { askForKey, credentials } from "./key.js";
import { has, t } from "./messages.js";

const TIMEOUT = 60_000; // milliseconds

/** Why a call failed. `code` is the service's stable code, or one of: offline, timeout, unreadable. */
export class Problem extends Error {
  constructor(code, detail = "", status = 0, errors = [], retryAfter = 0) {
    super(detail || code);
    Object.assign(this, { code, detail, status, errors, retryAfter });
  }

  /** For the person in front of the page. */
  get words() {
    return has(`problem.${this.code}`) ? t(`problem.${this.code}`) : t("problem.other", { detail: this.detail });
  }
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { ...options, body });
export const put = (path, body, options) => call("PUT", path, { ...options, body });
export const remove = (path, options) => call("DELETE", path, options);

/**
 * One call; the answer's JSON (null where it has none), or a Problem.
 *
 * body: sent as JSON, or as it is when it is a FormData or a Blob. signal: to give up; throws an AbortError.
 * patience: milliseconds in which 503 is tried again, after what Retry-After says; waiting is called before each wait.
 * A service that wants a key gets one from the person in front of the page, and the call goes on.
 */
export function call(method, path, { body, headers = {}, signal, timeout = TIMEOUT, ...patient } = {}) {
  return patiently((shown) => once(method, path, body, { ...shown, ...headers }, signal, timeout), patient);
}

/** The answer to a GET as it comes, for files and streams; a Problem where the service refuses. timeout 0: none. */
export function open(path, { signal, timeout = 0, ...patient } = {}) {
  return patiently(async (headers) => {
    const [response, text] = await fetched(path, { headers }, signal, timeout, (answer) => (answer.ok ? null : answer.text()));
    if (!response.ok) read(response, text);
    return response;
  }, patient);
}

/** Run with the headers that show a key, again where a key is wanted or the service is still starting. */
async function patiently(run, { patience = 0, waiting }) {
  const end = performance.now() + patience;
  for (;;) {
    const shown = credentials();
    try {
      return await run(shown);
    } catch (problem) {
      if (problem.status === 401 && (await askForKey(shown))) continue;
      const pause = Math.max(problem.retryAfter, 0.5) * 1000;
      if (problem.status !== 503 || performance.now() + pause > end) throw problem;
      waiting?.(problem);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

async function once(method, path, body, headers, signal, timeout) {
  const isPlain = body !== undefined && !(body instanceof FormData) && !(body instanceof Blob);
  const request = {
    method,
    headers: isPlain ? { "content-type": "application/json", ...headers } : headers,
    body: isPlain ? JSON.stringify(body) : body,
  };
  const [response, text] = await fetched(path, request, signal, timeout, (answer) => answer.text());
  return read(response, text);
}

/** The answer and what `take` makes of it, within the time; what breaks on the way is a Problem. */
async function fetched(path, request, signal, timeout, take) {
  const limit = timeout ? AbortSignal.timeout(timeout) : null;
  try {
    const response = await fetch(path, { ...request, signal: AbortSignal.any([signal, limit].filter(Boolean)) });
    return [response, await take(response)];
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(limit?.aborted ? "timeout" : "offline");
  }
}

function read(response, text) {
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    throw new Problem(response.status === 503 ? "not_ready" : "unreadable", "", response.status);
  }
  if (response.ok) return data;
  const after = Number(response.headers.get("retry-after")) || 0;
  throw new Problem(data?.code ?? "unreadable", data?.detail ?? "", response.status, data?.errors ?? [], after);
}
