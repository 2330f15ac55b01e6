/** Against the live service whose address is in GRADER_ADDRESS. */

import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { createGrader, quote, type Evaluation } from "../src/index.js";

const address = process.env["GRADER_ADDRESS"] ?? "http://127.0.0.1:8000";
const grader = createGrader(address);
const answer = "👩🏽‍🔬 says: boosting trains its models one after another.";

test("grades, reads and deletes", async () => {
  const made = await grader.POST("/v1/evaluations", {
    body: { rubric_id: "bagging-vs-boosting", answer, store: true, candidate_id: "c-typescript" },
  });
  assert.equal(made.response.status, 201);
  const evaluation: Evaluation = made.data!;
  for (const point of evaluation.key_points)
    for (const span of point.evidence) assert.equal(quote(answer, span), span.quote);
  const path = { evaluation_id: evaluation.id! };
  const read = await grader.GET("/v1/evaluations/{evaluation_id}", { params: { path } });
  assert.equal(read.data?.answer.text, answer);
  const gone = await grader.DELETE("/v1/evaluations/{evaluation_id}", { params: { path } });
  assert.equal(gone.response.status, 204);
});

test("a problem has a code and fields", async () => {
  const { error, data } = await grader.POST("/v1/evaluations", { body: { rubric_id: "Not an id", answer, store: true } });
  assert.equal(data, undefined);
  assert.equal(error?.code, "validation_failed");
  assert.equal(error?.errors?.[0]?.field, "rubric_id");
});

test("lists by pages", async () => {
  const found = new Set<string>();
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = cursor ? { limit: 100, cursor } : { limit: 100 };
    const page = await grader.GET("/v1/rubrics", { params: { query } });
    for (const rubric of page.data!.items) found.add(rubric.id);
    cursor = page.data!.next_cursor;
  } while (cursor);
  assert.ok(found.size > 140);
});

test("the types refuse what the service would", async () => {
  // @ts-expect-error there is no such operation
  const nowhere = await grader.GET("/v1/nowhere");
  assert.equal(nowhere.response.status, 404);
  // @ts-expect-error the answer is missing
  const wrong = await grader.POST("/v1/evaluations", { body: { rubric_id: "bagging-vs-boosting", store: false } });
  assert.equal(wrong.response.status, 422);
});

test("tries again with the same key", async () => {
  const got: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    got.push(request.headers);
    request.resume();
    if (got.length === 1) request.socket.destroy();
    else if (got.length === 2) response.writeHead(503, { "Retry-After": "0" }).end();
    else response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const port = (server.address() as AddressInfo).port;
  const client = createGrader(`http://127.0.0.1:${port}`, { apiKey: "grader_k", pause: 1 });
  const made = await client.POST("/v1/evaluations", { body: { rubric_id: "r", answer, store: true } });
  server.close();
  server.closeAllConnections();
  assert.equal(made.response.status, 200);
  assert.equal(got.length, 3);
  assert.equal(new Set(got.map((headers) => headers["idempotency-key"])).size, 1);
  assert.equal(got[0]?.authorization, "Bearer grader_k");
});
