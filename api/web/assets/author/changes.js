// What changed between two rubric documents. Pure: documents in, values out.
import { diff } from "../js/diff.js";

const ABOUT = ["question", "reference_answer", "topic", "kind", "difficulty", "language", "guides", "author", "licence"];
const FIELDS = {
  key_points: ["statement", "weight", "required", "says", "denies", "near", "missed", "terms"],
  misconceptions: ["statement", "says", "correction", "penalty"],
  levels: ["min_score", "needs_required"],
  follow_ups: ["key_points"],
};
const NAMES = { key_points: "statement", misconceptions: "statement", levels: "name", follow_ups: "question" };
const IDENTITY = {
  key_points: (one) => one.id ?? one.statement,
  misconceptions: (one) => one.id ?? one.statement,
  levels: (one) => one.name,
  follow_ups: (one) => one.question,
};

/**
 * [{ part, kind: "changed" | "in" | "out" | "moved", name, from, to, fields: [{ field, … }] }], in the order of the rubric.
 * A field has `steps` (words as diff() gives them), `ins` and `outs` (entries of a list), or `before` and `after`.
 */
export function changes(before, after) {
  const about = fieldsOf(ABOUT, before, after);
  const found = about.length ? [{ part: "rubric", kind: "changed", name: "", fields: about }] : [];
  return [...found, ...Object.keys(FIELDS).flatMap((part) => listChanges(part, before[part] ?? [], after[part] ?? []))];
}

function listChanges(part, before, after) {
  const identity = IDENTITY[part];
  const old = new Map(before.map((one, index) => [identity(one), { one, index }]));
  const names = new Set(after.map(identity));
  const stayed = before.map(identity).filter((name) => names.has(name));
  let place = 0;
  const found = after.flatMap((one) => {
    const known = old.get(identity(one));
    if (!known) return [{ part, kind: "in", name: one[NAMES[part]], fields: [] }];
    const moved = part !== "levels" && stayed[place] !== identity(one);
    place += 1;
    const fields = fieldsOf(FIELDS[part], known.one, one);
    if (!fields.length && !moved) return [];
    return [{ part, kind: fields.length ? "changed" : "moved", name: one[NAMES[part]], fields }];
  });
  const gone = before.filter((one) => !names.has(identity(one))).map((one) => ({ part, kind: "out", name: one[NAMES[part]], fields: [] }));
  return [...found, ...gone];
}

function fieldsOf(names, before, after) {
  return names.filter((name) => JSON.stringify(plain(before[name])) !== JSON.stringify(plain(after[name]))).map((field) => fieldOf(field, plain(before[field]), plain(after[field])));
}

/** What isn't there and what is empty are the same. */
const plain = (value) => (value === undefined || value === null || value === false || (Array.isArray(value) && !value.length) ? "" : typeof value === "string" ? value.trim() : value);

function fieldOf(field, before, after) {
  if (Array.isArray(before) || Array.isArray(after)) {
    const [a, b] = [before || [], after || []];
    return { field, ins: b.filter((one) => !a.includes(one)), outs: a.filter((one) => !b.includes(one)) };
  }
  if (typeof before === "string" && typeof after === "string") return { field, steps: diff(before, after) };
  return { field, before, after };
}
