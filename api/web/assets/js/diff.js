// Which words changed between two texts.

/** [{ kind: "same" | "out" | "in", text }] in reading order; the longest common run of words stays. */
export function diff(before, after) {
  const a = before.match(/\S+\s*/g) ?? [];
  const b = after.match(/\S+\s*/g) ?? [];
  const same = (i, j) => a[i].trimEnd() === b[j].trimEnd();
  let head = 0;
  while (head < a.length && head < b.length && same(head, head)) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && same(a.length - 1 - tail, b.length - 1 - tail)) tail += 1;
  const steps = [...middle(a, b, head, tail, same)];
  const all = [
    ...b.slice(0, head).map((text) => ({ kind: "same", text })),
    ...steps,
    ...b.slice(b.length - tail).map((text) => ({ kind: "same", text })),
  ];
  return joined(all);
}

function* middle(a, b, head, tail, same) {
  const rows = a.length - head - tail;
  const columns = b.length - head - tail;
  const width = columns + 1;
  const longest = new Uint16Array((rows + 1) * width); // common words from (i, j) on
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      longest[i * width + j] = same(head + i, head + j)
        ? longest[(i + 1) * width + j + 1] + 1
        : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  let i = 0;
  let j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && same(head + i, head + j)) {
      yield { kind: "same", text: b[head + j] };
      i += 1;
      j += 1;
    } else if (j === columns || (i < rows && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      yield { kind: "out", text: a[head + i++] };
    } else {
      yield { kind: "in", text: b[head + j++] };
    }
  }
}

function joined(steps) {
  const out = [];
  for (const step of steps) {
    if (out.at(-1)?.kind === step.kind) out.at(-1).text += step.text;
    else out.push({ ...step });
  }
  return out;
}

/**
 * What became of the key points from one evaluation to the next: [{ id, statement, number, before, after }], in the
 * order of the second; before is null for a point that the first didn't have.
 */
export function pointChanges(before, after) {
  const verdicts = new Map(before.key_points.map((point) => [point.id, point.verdict]));
  return after.key_points.map(({ id, statement, verdict }, index) => ({
    id,
    statement,
    number: index + 1,
    before: verdicts.get(id) ?? null,
    after: verdict,
  }));
}
