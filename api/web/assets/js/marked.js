// An answer with the words that count marked in it, each mark linked with its entry in a list, both ways.
import { $$, h } from "./dom.js";
import { number, t } from "./messages.js";

const STRENGTH = ["missed", "covered", "partial", "misconception", "contradicted"]; // of marks over the same words

// The service counts Unicode code points, JavaScript strings count UTF-16 units.

/** For a text: place[i] is where its i-th code point begins in UTF-16 units; one more entry for the end. */
export function places(text) {
  const found = [];
  let at = 0;
  for (const character of text) {
    found.push(at);
    at += character.length;
  }
  found.push(at);
  return found;
}

/** How many code points a text has. */
export function length(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * A text cut at the ends of its spans: [{ text, spans, ends }], where spans lie over the piece and ends end with it.
 * spans: [{ start, end, … }] in code points; they may overlap.
 */
export function pieces(text, spans) {
  const place = places(text);
  const last = place.length - 1;
  const cuts = new Set([0, last]);
  for (const { start, end } of spans) cuts.add(Math.min(start, last)).add(Math.min(end, last));
  const order = [...cuts].sort((a, b) => a - b);
  return order.slice(1).map((end, index) => ({
    text: text.slice(place[order[index]], place[end]),
    spans: spans.filter((span) => span.start < end && span.end > order[index]),
    ends: spans.filter((span) => span.end === end),
  }));
}

/**
 * <marked-answer>: show(text, spans), with spans as above and { key, id, name, kind, label }: key is the id of the entry
 * in the list, id that of the reference that stands behind the words.
 */
export class MarkedAnswer extends HTMLElement {
  show(text, spans) {
    this.replaceChildren(...pieces(text, spans).flatMap(marked));
  }
}

customElements.define("marked-answer", MarkedAnswer);

function marked({ text, spans, ends }, index) {
  if (!spans.length) return [text];
  const top = spans.toSorted((a, b) => STRENGTH.indexOf(b.kind) - STRENGTH.indexOf(a.kind))[0];
  const keys = [...new Set(spans.map((span) => span.key))].join(" ");
  const [space] = text.match(/^\s*/); // stays unmarked, so that no line ends with a marked blank
  const mark = h("mark", { class: `span tone ${top.kind}`, "data-keys": keys, style: { "--turn": index } }, text.slice(space.length));
  return [space, mark, ...ends.map(reference)];
}

function reference({ key, id, name, kind, label }) {
  return h("a", { class: `ref tone ${kind}`, id, href: `#${key}`, "data-keys": key, "aria-label": label }, name);
}

/** Spans of an evaluation's evidence: key points first, then misconceptions. prefix: makes ids unique on the page. */
export function spansOf(evaluation, prefix) {
  const points = evaluation.key_points.map((point, index) => ({
    evidence: point.evidence,
    key: `${prefix}-point-${index + 1}`,
    name: number(index + 1),
    kind: point.verdict,
  }));
  const wrong = evaluation.misconceptions.map((item, index) => ({
    evidence: item.evidence,
    key: `${prefix}-wrong-${index + 1}`,
    name: t("graded.misconception_number", { n: index + 1 }),
    kind: "misconception",
  }));
  return [...points, ...wrong].flatMap(({ evidence, key, name, kind }) =>
    evidence.map(({ start, end }, index) => ({
      start,
      end,
      key,
      name,
      kind,
      id: index ? `${key}-said-${index + 1}` : `${key}-said`,
      label: t("graded.to_point", { number: name, verdict: t(`verdict.${kind}`) }),
    })),
  );
}

/**
 * Inside `root`, light up everything that shares a key with what is pointed at, focused or tapped: [data-keys="a b"].
 * A click or tap keeps it lit, and leads from words to their entry and from there back; Escape lets go.
 */
export function linked(root) {
  let pinned = "";
  const keysOf = (event) => event.target.closest?.("[data-keys]")?.dataset.keys ?? "";
  const light = (keys) => {
    const wanted = new Set(keys.split(" ").filter(Boolean));
    root.classList.toggle("lighting", wanted.size > 0);
    for (const element of $$("[data-keys]", root)) {
      element.classList.toggle("lit", element.dataset.keys.split(" ").some((key) => wanted.has(key)));
    }
  };
  root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && light(keysOf(event) || pinned));
  root.addEventListener("pointerleave", () => light(pinned));
  root.addEventListener("focusin", (event) => light(keysOf(event) || pinned));
  root.addEventListener("focusout", () => light(pinned));
  root.addEventListener("keydown", (event) => event.key === "Escape" && light((pinned = "")));
  root.addEventListener("click", (event) => {
    light((pinned = keysOf(event)));
    const link = event.target.closest('a[href^="#"]');
    const target = link ? link.hash.slice(1) : event.target.closest("mark") && pinned.split(" ")[0];
    if (!target) return;
    event.preventDefault(); // no entry in the browser's history for each look
    const place = document.getElementById(target);
    place.scrollIntoView({ block: "nearest" });
    place.focus({ preventScroll: true });
  });
}
