/**
 * A promptfoo assertion: the share of a rubric's key points that an output covers, marked by an answer-grader service.
 *
 *   assert:
 *     - type: javascript
 *       value: file://promptfoo.mjs
 *       threshold: 0.7
 *       config:
 *         rubric: bagging-vs-boosting        # a stored rubric's id, or a rubric written out; or the variable `rubric`
 *         address: http://127.0.0.1:8000     # or GRADER_ADDRESS; the key is in GRADER_API_KEY
 *
 * An output that can't be marked, such as a blank one, fails with the reason.
 */

const TRIES = 4;
const PASSING = new Set([429, 502, 503, 504]);

export default async function keyPointCoverage(output, context) {
  const config = context.config ?? {};
  const rubric = config.rubric ?? context.vars?.rubric;
  if (!rubric) throw new Error("name the rubric: config.rubric of the assertion, or the variable `rubric`");
  const evaluation = await grade(rubric, String(output), config);
  const threshold = context.test?.threshold ?? config.threshold ?? context.assertion?.threshold ?? 1;
  if (evaluation.status !== "scored") return { pass: false, score: 0, reason: `not marked: ${evaluation.unscored_reason}` };
  return {
    pass: evaluation.coverage >= threshold,
    score: evaluation.coverage,
    reason: evaluation.key_points.map((point) => `${point.verdict}: ${point.statement}`).join("\n"),
    namedScores: { coverage: evaluation.coverage, needs_review: evaluation.needs_review ? 1 : 0 },
  };
}

async function grade(rubric, answer, config) {
  const address = config.address ?? process.env.GRADER_ADDRESS ?? "http://127.0.0.1:8000";
  const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
  if (process.env.GRADER_API_KEY) headers.Authorization = `Bearer ${process.env.GRADER_API_KEY}`;
  const chosen = typeof rubric === "string" ? { rubric_id: rubric } : { rubric };
  const body = JSON.stringify({ ...chosen, answer, store: false });
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${address}/v1/evaluations`, { method: "POST", headers, body });
    if (response.ok) return response.json();
    if (!PASSING.has(response.status) || attempt === TRIES)
      throw new Error(`answer-grader: ${response.status} ${(await response.text()).slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response.headers.get("Retry-After") ?? attempt)));
  }
}
