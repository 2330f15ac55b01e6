// What a reviewer decides about one answer, as data. Pure: it holds no element and asks nobody.

export const VERDICTS = ["covered", "partial", "missed", "contradicted"];

/**
 * What there is to judge: [{ target, id, number, statement, values, standing, engine, confidence, said }]. standing: what counts
 * now, null where the reviewer may not see it or people differ; said: what people said about it before, of each their last
 * word where people differ. The whole answer, target "total", is judged only where people differ, by a mark from 0 to `most`.
 */
export function questionsOf({ sheet, reviewed, lane }) {
  const found = reviewed?.effective.misconceptions.filter((one) => one.asserted).map(({ id }) => id) ?? [];
  const first = ({ id }) => (found.includes(id) ? found.indexOf(id) : found.length); // in the order of the marks
  const numbered = (one, index) => ({ ...one, number: index + 1 });
  const points = sheet.key_points.map((one) => pointOf(one, reviewed)).map(numbered);
  const wrong = sheet.misconceptions.toSorted((a, b) => first(a) - first(b)).map((one) => misconceptionOf(one, reviewed)).map(numbered);
  const all = [...points, ...wrong];
  if (lane !== "adjudication") return all;
  const disputed = [...all, wholeOf(reviewed)].filter(({ id }) => reviewed.disputed.includes(id)).map(asDispute);
  return disputed.filter(({ said }) => new Set(said.map(({ value }) => value)).size > 1); // ids of two targets may be the same
}

/** Nothing stands until somebody has decided. */
const asDispute = (question) => ({ ...question, standing: null, said: [...new Map(question.said.map((one) => [one.reviewer, one])).values()] });

const wholeOf = (reviewed) => ({ target: "total", id: "total", most: reviewed.effective.max_points, said: saidOf(reviewed, "total", "total") });

function pointOf({ id, statement }, reviewed) {
  const found = reviewed?.effective.key_points.find((one) => one.id === id);
  const seen = found && { standing: found.verdict, engine: found.engine_verdict, confidence: found.confidence };
  return { target: "key_point", id, statement, values: VERDICTS, standing: null, ...seen, said: saidOf(reviewed, "key_point", id) };
}

function misconceptionOf({ id, statement }, reviewed) {
  const found = reviewed?.effective.misconceptions.find((one) => one.id === id);
  const word = (asserted) => (asserted ? "asserted" : "absent");
  const seen = reviewed && { standing: word(found?.asserted), engine: word(found?.engine_asserted) };
  return { target: "misconception", id, statement, values: ["asserted", "absent"], standing: null, ...seen, said: saidOf(reviewed, "misconception", id) };
}

const saidOf = (reviewed, target, id) =>
  (reviewed?.history ?? []).flatMap(({ reviewer, kind, comment, marks }) =>
    marks.filter((mark) => mark.target === target && mark.id === id && mark.applies).map(({ verdict, points, reason, quote }) =>
      ({ reviewer, kind, value: verdict ?? points, reason: reason || (target === "total" ? comment : ""), quote })));

/** The mark that somebody wrote; null for what is none, or not from 0 to `most`. */
export function markOf(written, most) {
  const mark = /^(\d+|\d*[.,]\d+)$/.test(written.trim()) ? Number(written.trim().replace(",", ".")) : null;
  return mark !== null && mark <= most ? mark : null;
}

/** Whether a decision changes what counts; one that does needs a reason. */
export const changes = (question, decision) => question.standing !== null && decision?.value !== undefined && decision.value !== question.standing;

/**
 * The review to send, of decisions by "target id": { value, reason }; or { missing } with the first question that lacks
 * a verdict ("verdict"), a mark ("mark") or a reason ("reason"). Why a mark on the whole was given is the review's comment.
 */
export function reviewOf(questions, decisions, { lane, reviewer, claimId }) {
  const given = (one) => decisions[keyOf(one)] ?? {};
  for (const one of questions) {
    const { value, reason } = given(one);
    const isAsked = lane === "adjudication" || (lane === "blind" && one.target === "key_point");
    if (one.target === "total" && markOf(value ?? "", one.most) === null) return { missing: one, lacks: "mark" };
    if (isAsked && !value) return { missing: one, lacks: "verdict" };
    if ((lane === "adjudication" || changes(one, given(one))) && !reason?.trim()) return { missing: one, lacks: "reason" };
  }
  const chosen = questions.filter((one) => (lane === "review" ? changes(one, given(one)) : (given(one).value ?? one.standing) !== null));
  const word = (one) => ({ id: one.id, reason: given(one).reason?.trim() ?? "" });
  const value = (one) => given(one).value ?? one.standing;
  const points = chosen.filter((one) => one.target === "key_point").map((one) => ({ ...word(one), verdict: value(one) }));
  const wrong = chosen.filter((one) => one.target === "misconception").map((one) => ({ ...word(one), asserted: value(one) === "asserted" }));
  const whole = chosen.filter((one) => one.target === "total").map((one) => ({ points: markOf(value(one), one.most), comment: word(one).reason }))[0];
  return { review: { reviewer, kind: lane, key_points: points, misconceptions: wrong, ...whole, accept_rest: lane === "review", ...(claimId && { claim_id: claimId }) } };
}

export const keyOf = ({ target, id }) => `${target} ${id}`;
