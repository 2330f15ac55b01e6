/*!
 * <graded-rubric>: shows an evaluation of answer-grader in any page. Apache-2.0.
 *
 *   <script src="graded-rubric.js" defer></script>
 *   <graded-rubric src="/my-own-address/of-an-evaluation.json"></graded-rubric>
 *
 * Or give it the JSON of the service: as the property `evaluation`, or in a <script type="application/json"> inside.
 * Every text goes into the page as text. Nothing is sent anywhere, and no key belongs into a page.
 */
(() => {
  "use strict";

  const VERDICTS = {
    covered: ["✓", "covered"],
    partial: ["◐", "partly covered"],
    missed: ["○", "missed"],
    contradicted: ["✗", "contradicted"],
  };

  const STYLE = `
    :host { display: block; font: 1rem/1.5 system-ui, sans-serif; color: var(--rubric-text, #1b1f24);
      --good: #116329; --half: #7a4d00; --bad: #a40e26; --quiet: #57606a; --line: #d0d7de; --mark: #fff3b0; }
    @media (prefers-color-scheme: dark) { :host { color: var(--rubric-text, #e6edf3);
      --good: #4ac26b; --half: #e0a030; --bad: #ff7b72; --quiet: #9198a1; --line: #3d444d; --mark: #5c4a00; } }
    header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
    .points { font-size: 1.5rem; font-weight: 600; }
    ul { list-style: none; padding: 0; margin: .75rem 0; }
    li { padding: .5rem 0; border-top: 1px solid var(--line); }
    .verdict { font-weight: 600; }
    .covered { color: var(--good); } .partial { color: var(--half); }
    .contradicted, .wrong { color: var(--bad); } .missed, .quiet { color: var(--quiet); }
    q { background: var(--mark); color: inherit; } mark { background: var(--mark); color: inherit; }
    p { margin: .25rem 0; } .answer { white-space: pre-wrap; overflow-wrap: anywhere; margin: .75rem 0; }
    .review { border: 1px solid currentColor; border-radius: .25rem; padding: 0 .5rem; }
  `;

  /** An element with a class and children; strings become text, never markup. */
  function make(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  }

  function number(value) {
    return new Intl.NumberFormat(document.documentElement.lang || undefined, { maximumFractionDigits: 2 }).format(value);
  }

  function summary(evaluation) {
    const { status, points, max_points: most, level, needs_review: doubtful } = evaluation;
    const scored = status === "scored";
    return make(
      "header",
      "",
      make("span", "points", scored ? `${number(points)} of ${number(most)} points` : "Not marked"),
      scored ? level && make("span", "level", level) : make("span", "quiet", evaluation.unscored_reason ?? ""),
      doubtful && make("span", "review", "A person should look at this mark"),
    );
  }

  function keyPoint(point) {
    const [sign, word] = VERDICTS[point.verdict] ?? ["?", String(point.verdict)];
    const known = point.verdict in VERDICTS ? point.verdict : "quiet";
    const icon = make("span", "", sign + " ");
    icon.setAttribute("aria-hidden", "true");
    const line = make("p", "", make("span", `verdict ${known}`, icon, word), ": ", String(point.statement));
    const quotes = (point.evidence ?? []).map((span) => make("q", "", String(span.quote)));
    const spaced = quotes.flatMap((quote, at) => (at ? [" … ", quote] : [quote]));
    return make("li", "", line, quotes.length ? make("p", "", ...spaced) : null, make("p", "quiet", point.feedback ?? ""));
  }

  function misconception(item) {
    return make("li", "", make("p", "wrong", `Not so: ${item.statement}`), make("p", "", item.correction ?? ""));
  }

  /** The answer with its evidence marked. Offsets count code points, and may overlap. */
  function answer(text, evaluation) {
    const letters = [...text];
    const marked = new Array(letters.length).fill(false);
    for (const point of evaluation.key_points ?? [])
      for (const { start, end } of point.evidence ?? []) marked.fill(true, start, end);
    const block = make("div", "answer");
    for (let at = 0; at < letters.length; ) {
      let end = at;
      while (end < letters.length && marked[end] === marked[at]) end++;
      const part = letters.slice(at, end).join("");
      block.append(marked[at] ? make("mark", "", part) : part);
      at = end;
    }
    return block;
  }

  class GradedRubric extends HTMLElement {
    static observedAttributes = ["src"];
    #evaluation = null;
    #loading = null;

    constructor() {
      super();
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
      const internals = this.attachInternals(); // attributes are the page's own
      internals.role = "group";
      internals.ariaLabel = "Graded answer";
    }

    connectedCallback() {
      const inside = this.querySelector('script[type="application/json"]');
      if (!this.#evaluation && inside) this.#read(() => JSON.parse(inside.textContent));
      else this.#show();
    }

    attributeChangedCallback(_name, before, address) {
      if (address && address !== before) this.#load(address);
    }

    /** What the service answered to POST or GET /v1/evaluations. */
    get evaluation() {
      return this.#evaluation;
    }

    set evaluation(value) {
      this.#evaluation = value;
      this.#show();
    }

    async #load(address) {
      this.#loading = address;
      this.#say("Loading the mark …");
      try {
        const response = await fetch(address, { headers: { Accept: "application/json" } });
        const body = await response.json();
        if (this.#loading !== address) return; // another one was asked for meanwhile
        if (response.ok) this.evaluation = body;
        else this.#say(`The mark can't be shown: ${body.detail ?? response.status}`);
      } catch {
        if (this.#loading === address) this.#say("The mark can't be loaded.");
      }
    }

    #read(parse) {
      try {
        this.evaluation = parse();
      } catch {
        this.#say("The mark can't be read.");
      }
    }

    #say(words) {
      const status = make("p", "quiet", words);
      status.setAttribute("role", "status");
      this.shadowRoot.replaceChildren(status);
    }

    #show() {
      const evaluation = this.#evaluation;
      if (!evaluation) return;
      const text = evaluation.answer?.text;
      this.shadowRoot.replaceChildren(
        summary(evaluation),
        make("p", "", evaluation.feedback ?? ""),
        ...(typeof text === "string" ? [answer(text, evaluation)] : []),
        make("ul", "", ...(evaluation.key_points ?? []).map(keyPoint), ...(evaluation.misconceptions ?? []).map(misconception)),
        make("p", "", evaluation.next_step ?? ""),
      );
      this.dispatchEvent(new CustomEvent("shown"));
    }
  }

  customElements.define("graded-rubric", GradedRubric);
})();
