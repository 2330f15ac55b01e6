// A rubric as YAML that people can read, in the order of the service's own files. What is as it
// goes without saying is left out. Works for drafts that aren't rubrics yet, too.
const WIDTH = 84;
const PLAIN = /^[\p{L}(“‘][\p{L}\p{N} ,.;()'’“”‘–—/+=%!?-]*$/u;
const WORDS_WITH_A_MEANING = /^(?:true|false|yes|no|on|off|null|y|n)$/i;
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/;
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

const POINT = ["id", "statement", "weight", "required", "terms", "says", "denies", "near", "missed"];
const MISCONCEPTION = ["id", "statement", "says", "correction", "penalty"];
const LEVEL = ["name", "min_score", "needs_required"];
const FOLLOW_UP = ["question", "key_points"];
const PARTS = { key_points: POINT, misconceptions: MISCONCEPTION, levels: LEVEL, follow_ups: FOLLOW_UP };
const RUBRIC = ["id", "version", "topic", "kind", "difficulty", "language", "guides", "question", "reference_answer",
  "key_points", "misconceptions", "levels", "follow_ups", "author", "licence",
  "calibration"];
const USUAL = { kind: "open", difficulty: "core", language: "en", weight: 1, required: false, penalty: 0, needs_required: false };
const ALWAYS = new Set(["id", "question", "statement", "name", "min_score", "key_points"]);

/** A rubric document as text. */
export function toYaml(rubric) {
  const lines = RUBRIC.filter((name) => isWorthSaying(name, rubric[name])).flatMap((name) => entry(name, rubric[name], 0));
  return `${lines.join("\n")}\n`;
}

function isWorthSaying(name, value) {
  if (value === undefined || value === null) return false;
  if (ALWAYS.has(name)) return !Array.isArray(value) || value.length > 0;
  if (Array.isArray(value)) return value.length > 0;
  return value !== "" && value !== USUAL[name];
}

function entry(name, value, depth) {
  const indent = "  ".repeat(depth);
  if (name === "calibration") return [`${indent}${name}: ${JSON.stringify(value)}`]; // nobody writes it by hand
  if (!Array.isArray(value)) return [`${indent}${name}: ${scalar(value, depth + 1)}`];
  if (name === "guides" || name === "terms" || (name === "key_points" && typeof value[0] === "string")) {
    return [`${indent}${name}: [${value.map((one) => flow(one)).join(", ")}]`];
  }
  return [`${indent}${name}:`, ...value.flatMap((one) => item(name, one, depth + 1))];
}

function item(part, value, depth) {
  const indent = "  ".repeat(depth);
  if (typeof value !== "object") return [`${indent}- ${scalar(value, depth + 1)}`];
  const names = PARTS[part].filter((name) => isWorthSaying(name, value[name]));
  if (part === "levels") return [`${indent}- {${names.map((name) => `${name}: ${flow(value[name])}`).join(", ")}}`];
  const [first, ...rest] = names.flatMap((name) => entry(name, value[name], depth + 1));
  return [`${indent}- ${(first ?? "statement: \"\"").trimStart()}`, ...rest];
}

/** Inside brackets commas mean something. */
const flow = (value) => (typeof value === "string" && value.includes(",") ? quoted(value) : scalar(value, 0, Infinity));

function scalar(value, depth, width = WIDTH) {
  if (typeof value !== "string") return String(value);
  const text = value.replace(/\r\n?/g, "\n").trim();
  const indent = "  ".repeat(depth);
  const isClean = !UNPRINTABLE.test(text.replace(/[\u{10000}-\u{10ffff}]/gu, ""));
  if (isClean && width < Infinity && text.includes("\n")) {
    return `|-\n${text.split("\n").map((line) => (line ? indent + line : "")).join("\n")}`;
  }
  if (isClean && text.length > width && !/\s\s/.test(text)) {
    return `>-\n${wrapped(text, width - indent.length).map((line) => indent + line).join("\n")}`;
  }
  return PLAIN.test(text) && !WORDS_WITH_A_MEANING.test(text) ? text : quoted(text);
}

const quoted = (text) =>
  JSON.stringify(text).replace(ESCAPED, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

function wrapped(text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}
