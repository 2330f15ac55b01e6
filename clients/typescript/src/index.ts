/** Client of the answer-grader service: openapi-fetch with the service's types, retries and idempotency keys. */

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.js";

export type { components, paths } from "./schema.js";
export type Evaluation = components["schemas"]["EvaluationOut"];
export type KeyPoint = components["schemas"]["KeyPointOut"];
export type Problem = components["schemas"]["Problem"];
export type Grader = Client<paths>;

export interface Options {
  /** A key of the service, sent as `Authorization: Bearer …`. */
  apiKey?: string;
  /** How often a request is sent at most; 1 never sends it again. */
  tries?: number;
  /** Milliseconds until the second try, doubled each time. */
  pause?: number;
  /** Longest wait in milliseconds, also of one that the service asks for. */
  longestPause?: number;
}

const PASSING = new Set([429, 502, 503, 504]);

/** A client of the service at this address. */
export function createGrader(address: string, options: Options = {}): Grader {
  const headers: Record<string, string> = options.apiKey ? { Authorization: `Bearer ${options.apiKey}` } : {};
  return createClient<paths>({ baseUrl: address, headers, fetch: (request) => send(request, options) });
}

/** The words of an answer that a piece of evidence names: offsets count code points, not UTF-16 units. */
export function quote(answer: string, span: { start: number; end: number }): string {
  return [...answer].slice(span.start, span.end).join("");
}

async function send(request: Request, options: Options): Promise<Response> {
  const { tries = 5, pause = 250, longestPause = 30_000 } = options;
  if (request.method === "POST" && !request.headers.has("Idempotency-Key"))
    request.headers.set("Idempotency-Key", crypto.randomUUID()); // one for all tries, so that none counts twice
  for (let attempt = 1; ; attempt++) {
    let wait = Math.min(longestPause, pause * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
    try {
      const response = await fetch(request.clone());
      const told = Number.parseInt(response.headers.get("Retry-After") ?? "", 10) * 1000;
      // 409 with Retry-After: the first try of the same key still runs.
      const passes = PASSING.has(response.status) || (response.status === 409 && !Number.isNaN(told));
      if (!passes || attempt >= tries || told > longestPause) return response;
      await response.body?.cancel();
      if (!Number.isNaN(told)) wait = told;
    } catch (error) {
      if (attempt >= tries || request.signal.aborted) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
