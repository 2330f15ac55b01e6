// What may stand at a place of a rubric's YAML, by its JSON Schema. Pure: text, place and schema in, proposals out.

/** { from, to, items: [{ label, insert, hint }] }: what is between from and to would be replaced by `insert`. */
export function completions(text, caret, schema) {
  const start = text.lastIndexOf("\n", caret - 1) + 1;
  const line = text.slice(start, caret);
  if (text.slice(caret).split("\n", 1)[0].trim()) return none(caret); // inside a line that goes on
  const [, lead, word] = /^(\s*(?:- )?)(.*)$/.exec(line);
  const path = parents(text.slice(0, start), lead.length);
  if (!path) return none(caret);
  const object = resolved(path.reduce((at, name) => part(schema, at, name), schema), schema);
  if (!object.properties) return none(caret);
  const value = /^(\w+):\s+(.*)$/.exec(word);
  if (value) return values(object.properties[value[1]], value[2], caret, schema);
  if (!/^\w*$/.test(word)) return none(caret);
  const taken = siblings(text, start, lead.length);
  const items = Object.entries(object.properties)
    .filter(([name]) => name.startsWith(word) && !taken.has(name))
    .map(([name, about]) => ({ label: name, insert: `${name}:${opening(about, lead.length, schema)}`, hint: about.description ?? "" }));
  return { from: caret - word.length, to: caret, items };
}

const none = (caret) => ({ from: caret, to: caret, items: [] });

/** The names of what encloses a place whose names begin in this column, outermost first; null inside a text. */
function parents(before, column) {
  const names = [];
  let limit = column;
  for (const line of before.split("\n").reverse()) {
    const [, lead, rest] = /^(\s*(?:- )?)(.*)$/.exec(line);
    if (!rest || lead.length >= limit) continue;
    const opener = /^(\w+):\s*$/.exec(rest);
    if (!opener) return null;
    names.unshift(opener[1]);
    limit = lead.length;
  }
  return limit === 0 ? names : null;
}

function part(schema, at, name) {
  const found = resolved(at, schema).properties?.[name] ?? {};
  return found.items ? found.items : found;
}

/** Follow references, and of alternatives take the one that is an object. */
function resolved(node, schema) {
  if (node.$ref) return resolved(schema.$defs[node.$ref.split("/").pop()], schema);
  const inner = node.anyOf?.map((one) => resolved(one, schema)).find((one) => one.properties);
  return inner ?? node;
}

function values(about, typed, caret, schema) {
  if (!about) return none(caret);
  const node = resolved(about, schema);
  const allowed = node.enum ?? (node.type === "boolean" ? ["true", "false"] : []);
  const items = allowed.filter((one) => one.startsWith(typed) && one !== typed).map((one) => ({ label: one, insert: one, hint: "" }));
  return { from: caret - typed.length, to: caret, items };
}

function opening(about, column, schema) {
  return resolved(about, schema).type === "array" ? `\n${" ".repeat(column)}  - ` : " ";
}

/** The names that the object at this place has already. */
function siblings(text, start, column) {
  const lines = text.split("\n");
  const at = text.slice(0, start).split("\n").length - 1;
  const found = new Set();
  const look = (index, step) => {
    for (let i = index; i >= 0 && i < lines.length; i += step) {
      const [, lead, name] = /^(\s*(?:- )?)(\w*)/.exec(lines[i]);
      if (!lines[i].trim() || lead.length > column) continue;
      const begins = lead.endsWith("- "); // an item
      if (lead.length < column || (begins && step > 0)) return;
      found.add(name);
      if (begins) return;
    }
  };
  if (!/^\s*- /.test(lines[at])) look(at - 1, -1);
  look(at + 1, 1);
  return found;
}
