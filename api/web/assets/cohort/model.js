// A cohort's report, as the service sends it, looked at from several sides. Pure: it computes, and draws nothing.
// Candidates, items and answers refer to each other by position in the report's lists.

export const NONE = 0;
export const UNSCORED = 5;
export const VERDICTS = ["covered", "partial", "missed", "contradicted"]; // codes 1 to 4
const CREDIT = [0, 1, 0.5, 0, -0.01, 0]; // for sorting by one key point; a contradiction comes after a miss

/** What a cell with this code says: a verdict, "unscored", or "none" where there is no answer. */
export const meaning = (code) => (code === NONE ? "none" : code === UNSCORED ? "unscored" : VERDICTS[code - 1]);

/** All key points side by side: [{ item, number, statement, lost }], number counting from 1 in its item. */
export const columnsOf = (report) =>
  report.items.flatMap((one, item) => one.key_points.map(({ statement, lost }, index) => ({ item, number: index + 1, statement, lost })));

/**
 * Who did what: { columns, cells, answers }. cells[candidate * columns.length + column] is a code;
 * answers[candidate * items + item] is the position of the answer that counts, -1 where there is none.
 */
export function gridOf(report) {
  const columns = columnsOf(report);
  const cells = new Uint8Array(report.candidates.length * columns.length);
  const answers = new Int32Array(report.candidates.length * report.items.length).fill(-1);
  const starts = report.items.map((_, item) => columns.findIndex((column) => column.item === item));
  const ids = report.items.map((item) => new Map(item.key_points.map(({ id }, index) => [id, index])));
  report.answers.forEach((answer, position) => {
    if (!answer.counts) return;
    answers[answer.candidate * report.items.length + answer.item] = position;
    const first = answer.candidate * columns.length + starts[answer.item];
    const width = report.items[answer.item].key_points.length;
    cells.fill(UNSCORED, first, first + width);
    for (const { id, verdict } of answer.key_points) cells[first + ids[answer.item].get(id)] = VERDICTS.indexOf(verdict) + 1;
  });
  return { columns, cells, answers };
}

/**
 * Positions of the candidates in an order: by "name", by "coverage" (mean), by "item-N" or "point-N" (a column);
 * best first, those without a figure last. `wanted`: only names that hold it.
 */
export function orderOf(report, grid, by, wanted = "") {
  const collator = new Intl.Collator(undefined, { numeric: true });
  const folded = wanted.trim().toLocaleLowerCase();
  const who = [...report.candidates.keys()].filter((at) => report.candidates[at].name.toLocaleLowerCase().includes(folded));
  const names = (a, b) => collator.compare(report.candidates[a].name, report.candidates[b].name);
  if (by === "name") return who.sort(names);
  const figure = figureOf(report, grid, by);
  const values = new Map(who.map((at) => [at, figure(at)]));
  return who.sort((a, b) => (values.get(b) ?? -1) - (values.get(a) ?? -1) || names(a, b));
}

function figureOf(report, grid, by) {
  const [kind, number] = by.split("-");
  if (kind === "item") return (at) => report.answers[grid.answers[at * report.items.length + Number(number)]]?.coverage ?? null;
  if (kind === "point") {
    return (at) => {
      const code = grid.cells[at * grid.columns.length + Number(number)];
      return code === NONE || code === UNSCORED ? null : CREDIT[code];
    };
  }
  return (at) => report.candidates[at].coverage;
}

/** The evaluation of one answer in the shape of POST /v1/evaluations, as far as a graded rubric shows it. */
export function evaluationOf(report, answer) {
  const item = report.items[answer.item];
  const points = new Map(item.key_points.map((point) => [point.id, point]));
  const wrong = report.misconceptions.filter((one) => one.item === answer.item);
  return {
    ...answer,
    max_points: item.max_points,
    key_points: answer.key_points.map((got) => ({ ...points.get(got.id), ...got })),
    misconceptions: answer.misconceptions.map((got) => ({ ...wrong.find((one) => one.id === got.id), ...got })),
  };
}

/** Quotes with the same words together: [{ quote, answers }]. */
export function wordings(quotes) {
  const found = new Map();
  for (const { quote, answer } of quotes) {
    const key = quote.toLowerCase();
    if (!found.has(key)) found.set(key, { quote, answers: [] });
    found.get(key).answers.push(answer);
  }
  return [...found.values()];
}

/** How many of a list of answers are unscored, by reason. */
export const unscored = (report) => report.answers.filter((answer) => answer.counts && answer.status === "unscored");

/** Rows sorted by a figure of theirs; those without one come last either way. */
export function sorted(rows, figure, falling) {
  const value = (row) => figure(row) ?? null;
  return rows.toSorted((a, b) => {
    if (value(a) === null || value(b) === null) return (value(a) === null) - (value(b) === null);
    const less = typeof value(a) === "string" ? value(a).localeCompare(value(b)) : value(a) - value(b);
    return falling ? -less : less;
  });
}
