// What a session of attempts shows. Pure: attempts in, values out.

/** The attempts at each question, oldest first: [{ rubric_id, question, topic, all, last, first }]. */
export function byQuestion(attempts) {
  return [...Map.groupBy(attempts, (attempt) => attempt.rubric_id)].map(([rubricId, all]) => {
    const scored = all.filter((attempt) => attempt.evaluation.status === "scored");
    const { question, topic } = all.at(-1);
    return { rubric_id: rubricId, question, topic, all, last: scored.at(-1) ?? null, first: scored[0] ?? null };
  });
}

/**
 * Coverage by topic, the lowest first: [{ topic, questions, coverage, before }], means over the last attempt at each
 * question; `before` is the mean over first attempts where any question was answered again, else null.
 */
export function byTopic(questions) {
  const scored = questions.filter((question) => question.last);
  const rows = [...Map.groupBy(scored, (question) => question.topic)].map(([topic, items]) => ({
    topic,
    questions: items.length,
    coverage: mean(items.map((item) => item.last.evaluation.coverage)),
    before: items.some((item) => item.first !== item.last) ? mean(items.map((item) => item.first.evaluation.coverage)) : null,
  }));
  return rows.sort((a, b) => a.coverage - b.coverage);
}

/**
 * Key points that the last attempt at a question lacks, those that earlier attempts lacked, too, first, then by weight:
 * [{ topic, rubric_id, statement, verdict, times, weight }].
 */
export function gaps(questions) {
  const found = questions.filter((question) => question.last).flatMap((question) =>
    question.last.evaluation.key_points.filter((point) => point.verdict !== "covered").map((point) => ({
      topic: question.topic,
      rubric_id: question.rubric_id,
      statement: point.statement,
      verdict: point.verdict,
      weight: point.weight,
      times: question.all.filter((attempt) => lacks(attempt.evaluation, point.id)).length,
    })));
  return found.sort((a, b) => b.times - a.times || b.weight - a.weight);
}

const lacks = (evaluation, id) => evaluation.key_points.some((point) => point.id === id && point.verdict !== "covered");

/** Misconceptions in last attempts: [{ rubric_id, statement, correction }]. */
export function misconceptions(questions) {
  return questions.flatMap(({ last, rubric_id }) => (last?.evaluation.misconceptions ?? []).map((item) => ({ ...item, rubric_id })));
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
