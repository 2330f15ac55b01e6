"""Harmless edits of a text: what a fair marker overlooks. Pure functions; the same seed gives the same text."""

import re
from collections.abc import Sequence
from itertools import pairwise
from random import Random

from grader.text import clauses

PLACES = 0.5  # share of the places for an adjective, an adverb or a filler after a comma that get one
GAPS = 0.05  # share of the other gaps between words that get a filler
TYPO_LETTERS = 4  # shorter words are spared: one wrong letter makes another word of them

# They qualify nothing: with any of them a proposition stays the same. By article, so that "a" and "an" stay right.
_AFTER_A = ("given", "particular", "certain", "concrete")
_AFTER_AN = ("actual", "individual", "existing")
_AFTER_THE = ("given", "particular", "actual", "respective", "concrete")
_ADVERBS = ("actually", "really", "indeed", "certainly", "of course", "in fact")
_FILLERS = ("um", "uh", "you know", "I mean", "well", "let me think", "okay")

# Determiner and the word after it; these words begin no plain noun phrase ("a lot", "the same", "the more …").
_NOUN_PHRASE = re.compile(
    r"""\b(?P<article>a|an|the)\ (?=[a-z]{4,}\b)(?!(?:
        lots?|little|couple|more|most|less|least|same|other|others|next|last|first|second|third|best|worst|only|very
      | former|latter|rest|right|wrong|whole|given|particular|certain|actual|respective|concrete|individual|existing
      | \w+er|\w+est)\b)""",
    re.VERBOSE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|can|will|would|should|must)"
    r"(?= (?!(?:i|you|we|they|he|she|it|this|that|these|the|an?|there|not|no)\b)[a-z])"
)
_GAP = re.compile(r"(?<=[a-z])(?P<comma>,?) (?=[a-z]+\b)")
_LONG = re.compile(rf"[^\W\d_]{{{TYPO_LETTERS},}}")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {
    letter: [row[at] for at in (place - 1, place + 1) if 0 <= at < len(row)]
    for row in _ROWS
    for place, letter in enumerate(row)
}
_CLOSED = (".", "!", "?", "…", ":", ";", '"', "”", "'", "’", ")", "]")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence with the white space behind it; end to end, they are the text."""
    cut = clauses(text)
    return list(pairwise([*(cut.starts[index] for index in cut.sentences), len(text)]))


def adjectives_and_adverbs(text: str, seed: str) -> str:
    """An adjective after half of the articles, an adverb after half of the finite auxiliaries; at least one if any."""
    random = Random(seed)
    places = [(m.end(), _qualifiers(m["article"]), "{} ") for m in _NOUN_PHRASE.finditer(text)]
    places += [(m.end(), _ADVERBS, " {}") for m in _FINITE.finditer(text)]
    chosen = random.sample(sorted(places), -int(-len(places) * PLACES // 1))
    return _inserted(text, [(at, shape.format(random.choice(words))) for at, words, shape in chosen])


def _qualifiers(article: str) -> Sequence[str]:
    return {"a": _AFTER_A, "an": _AFTER_AN}.get(article, _AFTER_THE)


def fillers(text: str, seed: str) -> str:
    """Fillers between commas: at half of the commas, and at a twentieth of the other gaps between plain words."""
    random = Random(seed)
    parts = []
    for gap in _GAP.finditer(text):
        if random.random() < (PLACES if gap["comma"] else GAPS):
            parts.append((gap.end() - 1, f"{'' if gap['comma'] else ','} {random.choice(_FILLERS)},"))
    return _inserted(text, parts) if parts else f"{random.choice(_FILLERS).capitalize()}, {text}"


def _inserted(text: str, parts: Sequence[tuple[int, str]]) -> str:
    for at, part in sorted(parts, reverse=True):
        text = text[:at] + part + text[at:]
    return text


def typos(text: str, rate: float, seed: str) -> str:
    """`rate` (0–1) of the letters of words of four letters and more, first letters spared, typed wrong.

    Each is swapped with the one before it, left out, doubled, or replaced by a neighbour on the keyboard.
    """
    random = Random(seed)
    letters = [at for word in _LONG.finditer(text) for at in range(word.start() + 1, word.end())]
    hit = random.sample(letters, min(len(letters), round(rate * len(letters))))
    cells = list(text)
    for at in sorted(hit):
        _mistype(cells, at, random)
    return "".join(cells)


def _mistype(cells: list[str], at: int, random: Random) -> None:
    kind = random.choice(("swap", "drop", "double", "neighbour"))
    if kind == "swap" and cells[at - 1] not in ("", cells[at]):
        cells[at - 1], cells[at] = cells[at], cells[at - 1]
    elif kind == "drop":
        cells[at] = ""
    elif kind == "neighbour" and cells[at].lower() in _KEYS:
        cells[at] = random.choice(_KEYS[cells[at].lower()])
    else:
        cells[at] *= 2


def shuffled(text: str, seed: str) -> str:
    """The sentences in another order; a text of one sentence stays as it is."""
    spans = sentence_spans(text)
    parts = [part for start, end in spans if (part := text[start:end].strip())]
    order = list(range(len(parts)))
    random = Random(seed)
    while len(parts) > 1 and order == sorted(order):
        random.shuffle(order)
    if order == sorted(order):
        return text
    closed = [part if part.endswith(_CLOSED) else f"{part}." for part in parts]
    return " ".join(closed[at] for at in order)
