"""Rules on what a rubric's points say. No model: text only."""

import re
from collections.abc import Iterator
from itertools import pairwise

from rubrics.errors import Path
from rubrics.findings import Fault, Severity, rule
from rubrics.model import Rubric
from rubrics.split import propositions

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SEMICOLON = re.compile(r";\s+")
_ADDED = re.compile(r"\b(?:and also|moreover|furthermore|additionally|in addition),?\s", re.IGNORECASE)
_JOINED = re.compile(
    r"""^(?:and|but(?=(?:\s\S+){1,4}\s(?:is|are|was|has|have|can|may|must|should|will|does|do|\w+n['’]t)\b))\s
        (?!(?:which|that|who|whose|when|where|how)\b | \w+s\s(?:when|if|from|to|in|on|with|by|the|a|an|its|their)\b)""",
    re.VERBOSE | re.IGNORECASE,
)
_VAGUE = re.compile(
    r"""\b(?:etc|and\ so\ on|and\ so\ forth|various|somehow|stuff|nice|appropriate(?:ly)?|properly|in\ some\ way
        |things\ like)\b
      | (?<!if\ )(?<!\bno\ )\b(?:the|a|an|all)\ (?:relevant|suitable|good|great)\ \w+
        (?=[.,;]|\ (?:and|or)\b)(?!,?\ such)
      | \b(?:is|are|be|was|were)\ (?:also\ |very\ |really\ |quite\ |more\ )?
        (?:important|good|bad|useful|helpful|crucial|essential|great|relevant|beneficial)(?=\.$|,\ and\b)
      | \b(?:works?|does|performs?)\ (?:very\ )?(?:well|better)(?=\.$)""",
    re.VERBOSE | re.IGNORECASE,
)
_VERB = re.compile(
    r"""\b(?:is|are|was|were|be|has|have|had|do|does|did|can|could|may|might|must|should|will|would|need|say|tell|lie|make
        |take|give|get|keep|let|use|know|mean|come|go|fit|cost|help|learn|predict|reduce|grow|fall|rise|run|work|become)\b
      | n['’]t\b
      | (?<!\bthe)(?<!\bof)(?<!\bin)(?<!\bfor)(?<!\bwith)(?<!\band)(?<!\bits)\s(?:\w{2,}ed|\w{2,}[^s\W]s)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_STOP = frozenset(
    """that this these those with from into than then they them their there which what when where while have been being
    does only also such more most less each other another some many much very can't may will would should must both over
    under about because""".split()  # noqa: SIM905
)


def words(text: str) -> list[str]:
    """Words and numbers in lower case."""
    return _WORD.findall(text.lower())


def content(text: str) -> set[str]:
    """The words that carry the meaning, roughly: four letters or more, without the commonest."""
    return {word for word in words(text) if len(word) > 3 and word not in _STOP}


def _statements(rubric: Rubric) -> Iterator[tuple[Path, str]]:
    """Key points' and misconceptions' statements with their paths."""
    for index, point in enumerate(rubric.key_points):
        yield ("key_points", index, "statement"), point.statement
    for index, item in enumerate(rubric.misconceptions):
        yield ("misconceptions", index, "statement"), item.statement


@rule(Severity.ERROR, "Make two points of it, or keep the half that matters. A reason (“because”, “so”) may stay.")
def two_propositions(rubric: Rubric) -> Iterator[Fault]:
    """A point with two propositions can't be marked when an answer says one of them.

    Found where a statement has several sentences, a semicolon, or a second clause with its own subject and verb after
    "and" or "but". Two halves that share their words ("precision matters when …, and recall matters when …") are one
    comparison, and left alone.
    """
    for path, statement in _statements(rubric):
        if halves := _halves(statement):
            yield path, f"says two things: “{halves[0]}” and “{halves[1]}”"


def _compared(left: str, right: str) -> bool:
    """Do two halves of a sentence set two things against each other, in the same words or the same turn of phrase?"""
    turns = [set(pairwise(words(half))) for half in (left, right)]
    return bool(content(left) & content(right) or turns[0] & turns[1])


def _halves(statement: str) -> tuple[str, str] | None:
    """The two propositions that a statement plainly consists of."""
    for cut in (*_SEMICOLON.finditer(statement), *_ADDED.finditer(statement)):
        return statement[: cut.start()].strip(" ,"), statement[cut.end() :]
    for before, after in pairwise(propositions(statement)):
        if before.endswith((".", "!", "?")):
            return before, after
        if (joined := _JOINED.match(after)) and not _compared(before, after[joined.end() :]):
            return before.rstrip(" ,"), after[joined.end() :]
    return None


@rule(Severity.ERROR, "Say what exactly: name the quantity, the direction, the condition or the examples that count.")
def vague_wording(rubric: Rubric) -> Iterator[Fault]:
    """The marker has to guess what an answer must say, and nearly every answer fits.

    Found: words like "various", "appropriate" or "etc.", and a judgement without its reason ("… is important.").
    """
    for path, statement in _statements(rubric):
        if path[0] == "key_points" and (found := _VAGUE.search(statement)):
            yield path, f"“{found.group().strip()}” doesn't say what an answer has to contain"


@rule(Severity.WARNING, "Write one sentence with subject and verb, so that it can be true or false.")
def not_a_sentence(rubric: Rubric) -> Iterator[Fault]:
    """A heading, a list of terms or a question can't be said or denied, and aligns with any text on the topic."""
    if not rubric.language.startswith("en"):
        return  # the verbs are English ones
    for path, statement in _statements(rubric):
        if statement.endswith("?"):
            yield path, f"is a question: “{statement}”"
        elif len(words(statement)) < 3 or not (statement.endswith(".") or _VERB.search(statement)):
            yield path, f"has no verb: “{statement}”"
