// An answer with the words that count marked in it, each mark linked with its entry in a list, both ways.
import { places } from "./codepoints.js";
import { $$, h } from "./dom.js";
import { t } from "./messages.js";

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

/** <marked-answer>: show(text, spans), with spans as above and { key, number, kind, label }; key names the entry's id. */
export class MarkedAnswer extends HTMLElement {
  show(text, spans) {
    this.replaceChildren(...pieces(text, spans).flatMap((piece) => marked(piece)));
  }
}

const STRENGTH = ["missed", "covered", "partial", "misconception", "contradicted"];

function marked({ text, spans, ends }) {
  if (!spans.length) return [text];
  const top = spans.toSorted((a, b) => STRENGTH.indexOf(b.kind) - STRENGTH.indexOf(a.kind))[0];
  const keys = [...new Set(spans.map((span) => span.key))].join(" ");
  return [h("mark", { class: `span tone ${top.kind}`, "data-keys": keys }, text), ...ends.map(reference)];
}

function reference({ key, number, kind, label }) {
  const properties = { class: `ref tone ${kind}`, href: `#${key}`, "data-keys": key, "aria-label": label };
  return h("a", properties, number);
}

customElements.define("marked-answer", MarkedAnswer);

/**
 * Inside `root`, light up everything that shares a key with what is pointed at, focused or tapped: [data-keys="a b"].
 * A tap or click keeps it lit; Escape or a tap elsewhere lets go.
 */
export function linked(root) {
  let pinned = "";
  const light = (keys) => {
    const wanted = new Set(keys.split(" ").filter(Boolean));
    root.classList.toggle("lighting", wanted.size > 0);
    for (const element of $$("[data-keys]", root)) {
      element.classList.toggle("lit", element.dataset.keys.split(" ").some((key) => wanted.has(key)));
    }
  };
  const keysOf = (event) => event.target.closest?.("[data-keys]")?.dataset.keys ?? "";
  root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && light(keysOf(event) || pinned));
  root.addEventListener("pointerleave", () => light(pinned));
  root.addEventListener("focusin", (event) => light(keysOf(event) || pinned));
  root.addEventListener("focusout", () => light(pinned));
  root.addEventListener("keydown", (event) => event.key === "Escape" && light((pinned = "")));
  root.addEventListener("click", (event) => {
    const keys = keysOf(event);
    light((pinned = keys));
    if (event.target.closest("mark")) document.getElementById(keys.split(" ")[0])?.scrollIntoView({ block: "nearest" });
  });
}

/** Spans of an evaluation's evidence: key points first, then misconceptions. prefix: makes ids unique on the page. */
export function spansOf(evaluation, prefix) {
  const points = evaluation.key_points.map((point, index) => ({ ...point, kind: point.verdict, number: index + 1 }));
  const wrong = evaluation.misconceptions.map((item, index) => ({
    ...item,
    kind: "misconception",
    number: t("graded.misconception_number", { n: index + 1 }),
  }));
  return [...points, ...wrong].flatMap((item) =>
    item.evidence.map(({ start, end }) => ({
      start,
      end,
      key: `${prefix}-${item.kind === "misconception" ? "wrong" : "point"}-${item.number}`,
      kind: item.kind,
      number: item.number,
      label: t("graded.to_point", { number: item.number, verdict: t(`verdict.${item.kind}`) }),
    })),
  );
}
