"""Answers that shouldn't be graded like any other: each guard gives a flag with its reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from grader.lexical import copied
from grader.model import Flag
from grader.text import clauses, words
from rubrics.model import Rubric

SHORT = 5  # words
COPY = 0.9  # share of a text found in the answer that makes it a copy
WORD_FOR_WORD = 0.97
PASTED_POINTS = 0.6  # share of the key points' statements found word for word
BAG_WORDS = 8
RUN, LIST = 8, 1.8  # words between punctuation: an unbroken run of terms, or a list of them
ENGLISH = 0.3  # share of English function words that no other language reaches
FOREIGN = 0.95  # probability of another language

_INSTRUCTIONS = re.compile(
    r"""\b(?:ignore|disregard|forget|override)\b.{0,40}
        \b(?:instructions?|prompts?|rubric|marking\ (?:scheme|criteria))\b
      | \b(?:give|award|grant|assign)\b.{0,30}
        \b(?:(?:full|maximum|max|top|highest|perfect)\b.{0,20}\b(?:mark|score|point|credit|grade)|all\ (?:the\ )?marks)
      | \b(?:mark|grade|score|rate|count|treat|consider)
        \ (?:me|my\ answer|this\ (?:answer|response)|(?:the|all|each|every)\ (?:\w+\ )?points?)\b
        .{0,40}\bas\b.{0,15}\b(?:covered|correct|complete|excellent|perfect|full)
      | \byou\ are\ (?:now\ )?(?:a|an|the)\ (?:\w+\ )?(?:grader|marker|examiner|assistant|evaluator|scorer)
      | \b(?:dear|note\ to|attention|message\ to|hey|hello)[ ,]*(?:the\ )?(?:grader|marker|examiner|evaluator|grading)
      | \bsystem\ prompt\b | <\|?(?:im_start|system|assistant)\|? | \[/?INST\]""",
    re.VERBOSE | re.IGNORECASE,
)
_RELATION = re.compile(r"[=<>→≈+*/^~]|->")
_PUNCTUATION = re.compile(r"[,;:.!?\n|–—]+")
_FUNCTION_WORDS = frozenset(
    """a an the of to in on at by for from with as is are was were be been being am it its this that these those there
    and or but if then so than because while when which who what where how not no do does did has have had can could
    will would should may might must you your we our they their them he she his her i me my us let's it's don't just
    each all every any some more most less very also too only about into over under between up out them
    without within among during against towards across per via after before through plus minus equals""".split()  # noqa: SIM905
)
_LANGUAGES = "ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Guarded:
    """Flags; the answer's language (ISO 639-1 or "und"); spans (start, end) that must earn nothing; whether the whole
    answer must earn nothing; and whether a person should look.
    """

    flags: tuple[Flag, ...]
    language: str
    void: tuple[tuple[int, int], ...]
    nothing: bool
    review: tuple[str, ...]


def blank(text: str) -> bool:
    """No word in any script."""
    return not words(text)


def guard(rubric: Rubric, text: str) -> Guarded:
    """All guards that need only the text."""
    spoken = words(text)
    tongue, sure = language(text)
    flags: list[Flag] = []
    review: list[str] = []
    if len(spoken) < SHORT:
        flags.append(Flag("too_short", f"the answer has {len(spoken)} words: a fair mark needs a sentence"))
    void = _instructions(text)
    if void:
        quotes = "; ".join(f"“{text[start:end].strip()[:80]}”" for start, end in void)
        flags.append(Flag("instructions", f"addressed to the grader, not graded: {quotes}"))
        review.append("instructions")
    asked = _copied_question(rubric.question, text)
    void += asked
    nothing = bool(asked) and len(words(_without(text, void))) < SHORT
    if asked:
        flags.append(
            Flag("question_copied", "the question's own words earn nothing" + " and nothing else is said" * nothing)
        )
    foreign = sure and tongue != rubric.language and len(spoken) >= SHORT
    if not foreign and _keyword_bag(spoken, text):
        flags.append(Flag("keyword_bag", "terms without sentences: nothing is said about them"))
        nothing = True
        review.append("keyword_bag")
    pasted = _pasted(rubric, text)
    if pasted:
        flags.append(Flag("rubric_pasted", pasted))
        review.append("rubric_pasted")
    if foreign:
        flags.append(Flag("other_language", f"written in {tongue!r}, the rubric is in {rubric.language!r}"))
        review.append("other_language")
    return Guarded(tuple(flags), tongue, tuple(sorted(void)), nothing, tuple(review))


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier


def language(text: str) -> tuple[str, bool]:
    """ISO 639-1 code, "und" when it can't be told, and whether that is nearly certain."""
    spoken = words(text)
    if len(spoken) >= BAG_WORDS and _function_words(spoken) >= ENGLISH:
        return "en", True
    code, probability = _identifier().classify(text)
    return (str(code) if probability >= 0.6 else "und"), bool(probability >= FOREIGN)


def _instructions(text: str) -> list[tuple[int, int]]:
    return [span for span in _sentence_spans(text) if _INSTRUCTIONS.search(text, *span)]


def _copied_question(question: str, text: str) -> list[tuple[int, int]]:
    """Sentences of the answer that are sentences of the question, or the question whole."""
    spans = _sentence_spans(text)
    asked = [question[start:end] for start, end in _sentence_spans(question)]
    targets = [question, *(part for part in asked if len(words(part)) >= SHORT)]
    found = [span for span in spans if any(_same(target, text[slice(*span)]) for target in targets)]
    return spans if not found and _same(question, text) else found


def _same(left: str, right: str) -> bool:
    sizes = sorted((len(words(left)), len(words(right))))
    return 0 < sizes[0] >= 0.75 * sizes[1] and copied(left, right, COPY)


def _sentence_spans(text: str) -> list[tuple[int, int]]:
    cut = clauses(text)
    return list(pairwise([*(cut.starts[index] for index in cut.sentences), len(text)]))


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def _keyword_bag(spoken: Sequence[str], text: str) -> bool:
    """No function word, no formula, and either one long run of words or single words between commas.

    Anything else may be terse notes that do say something, and is left to the matcher.
    """
    if len(spoken) < BAG_WORDS or _function_words(spoken) or _RELATION.search(text):
        return False
    if sum(word.isascii() and word.isalpha() for word in spoken) < 0.8 * len(spoken):
        return False
    mean = len(spoken) / sum(bool(words(part)) for part in _PUNCTUATION.split(text))
    return mean >= RUN or mean < LIST


def _function_words(spoken: Sequence[str]) -> float:
    return sum(word in _FUNCTION_WORDS for word in spoken) / len(spoken)


def _pasted(rubric: Rubric, text: str) -> str:
    if len(words(rubric.reference_answer)) >= 20 and copied(rubric.reference_answer, text, COPY):
        return "the reference answer stands in the answer word for word"
    statements = [point.statement for point in rubric.key_points if len(words(point.statement)) >= 5]
    found = sum(copied(statement, text, WORD_FOR_WORD) for statement in statements)
    if len(statements) >= 3 and found >= PASTED_POINTS * len(statements):
        return f"{found} of {len(rubric.key_points)} key points stand in the answer word for word"
    return ""


def off_topic(similarity: float, least: float) -> Flag | None:
    """`similarity`: cosine of the pooled answer with the rubric's topic vector; under `least` it is off topic."""
    if similarity >= least:
        return None
    return Flag("off_topic", f"the answer's similarity to the question's subject is {similarity:.2f}, under {least}")
