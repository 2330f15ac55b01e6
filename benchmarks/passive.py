"""Active to passive, by a few regular rules that hold wherever they apply; everything else stays as it is."""

import re
from dataclasses import dataclass

from benchmarks.edits import sentence_spans

_REGULAR = """add apply average borrow bound calculate change check collect combine compare compute correct count cover
decrease deploy describe discard divide drop estimate evaluate explain fit fix flip increase inspect label learn
limit log lower maximise maximize measure minimise minimize mix monitor move multiply need normalise normalize nudge
optimise optimize order pad partition penalise penalize pick plot predict project pull punish push raise rank reduce
remove repeat replace report rescale return sample scale score select skip sort square standardise store subtract swap
test train transform treat tune update validate weight""".split()  # noqa: SIM905
_IRREGULAR = [  # base, past, participle
    verb.split("-")
    for verb in """build-built-built choose-chose-chosen cut-cut-cut draw-drew-drawn find-found-found hold-held-held
    freeze-froze-frozen keep-kept-kept put-put-put read-read-read shrink-shrank-shrunk split-split-split take-took-taken
    use-used-used write-wrote-written""".split()  # noqa: SIM905
]
_DOUBLED = {"drop", "fit", "flip", "label", "log", "plot", "skip", "stop", "swap"}


def _participle(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y"):
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1] * (verb in _DOUBLED)}ed"


def _third(verb: str) -> str:
    if verb.endswith("y"):
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("x", "sh", "ss")) else f"{verb}s"


PARTICIPLES = {verb: _participle(verb) for verb in _REGULAR} | {verb: last for verb, _, last in _IRREGULAR}
_PASTS = {_participle(verb): _participle(verb) for verb in _REGULAR} | {past: last for _, past, last in _IRREGULAR}
_THIRDS = {_third(verb): participle for verb, participle in PARTICIPLES.items()}

_MODAL = r"(?:(?P<modal>can|could|should|must|will|would|may|might)\ )?"
_OBJECT = r"""(?P<object>
    (?P<start>(?:(?P<one>an?|each|every|this|one)|the|these|all\ the|both|your|our|its|my|their)\ )?
    (?P<head>[a-z-]+(?:\ [a-z-]+){0,2}?)(?P<of>\ of\ (?:(?:the|an?|all|each|every)\ )?[a-z-]+)?)
    (?=\s*[.;:!?]|\s*$|,\ (?:so|because|but|where|while|since|if|when|not)\b
      |,\ and\ (?:it|you|we|I|they|the|an?|that|this|each|every)\b
      |\ (?:on|with|by|at|for|from|in|into|to|over|across|after|before|until|as|per|between|within)\b)"""
# "…, so we average the predictions": an agent that isn't worth naming
_PERSON = re.compile(
    rf"""(?P<lead>^|[.;:!?,]\s+|\b(?:so|because|since|if|when|while|where|then|and|but)\ )
    (?P<agent>we|you|they|people|I|one)\ {_MODAL}(?P<verb>{"|".join(sorted({*PARTICIPLES, *_PASTS}))})\ {_OBJECT}""",
    re.VERBOSE | re.IGNORECASE,
)
# "Bagging lowers the variance": the agent is named behind the verb
_THING = re.compile(
    rf"""(?P<lead>^)(?P<agent>It|This|(?:The|An?|Each|Every)\ [\w-]+(?:\ [\w-]+)??|[A-Z][\w-]+)\ {_MODAL}
    (?P<verb>{"|".join(sorted({*PARTICIPLES, *_THIRDS}))})\ {_OBJECT}""",
    re.VERBOSE,
)
_NO_AGENT = frozenset(
    """then also only always never often still that which who what when where if so and but or not no nothing nobody
    none neither all to of in on at for from with by as than here there how why you we they people i one please
    usually first second finally next""".split()  # noqa: SIM905
)
_NO_NOUN = frozenset(
    """of and or is are was were that which then not to a an the more most as same in on at with for by from first last
    up out back off down away apart again once here there it them me you us
    i we they he she""".split()  # noqa: SIM905
)
_COORDINATED = re.compile(r"\b(?:and|or|then|than)\b(?!\ (?:the|an?|each|every|all|it|you|we|they|I|that|this)\b)")
_REST = re.compile(r"[^.;:!?]*")


@dataclass(frozen=True, slots=True)
class Passive:
    """A text, and how many of its sentences were changed."""

    text: str
    sentences: int


def passive(text: str) -> Passive:
    """Every sentence that has a clause to which a rule applies with that clause in the passive."""
    parts = [text[start:end] for start, end in sentence_spans(text)]
    changed = [passive_sentence(part) for part in parts]
    return Passive("".join(changed), sum(old != new for old, new in zip(parts, changed, strict=True)))


def passive_sentence(sentence: str) -> str:
    """The first clause that a rule fits, in the passive. “You fit a tree on it.” → “A tree is fitted on it.”"""
    for rule in (_PERSON, _THING):
        for found in rule.finditer(sentence):
            if (clause := _clause(found, sentence)) is not None:
                return sentence[: found.start()] + clause + sentence[found.end() :]
    return sentence


def _clause(found: re.Match[str], sentence: str) -> str | None:
    named = found.re is _THING
    agent, thing = found["agent"], found["object"]
    if not _movable(found, sentence) or (named and not _can_act(agent)):
        return None
    verb = _passive_verb(found, named)
    if verb is None:
        return None
    if found["lead"].strip() in {"", ".", "!", "?"} and sentence[:1].isupper():
        thing = thing[0].upper() + thing[1:]
    return f"{found['lead']}{thing} {verb}" + (f" by {_inside(agent)}" if named else "")


def _passive_verb(found: re.Match[str], named: bool) -> str | None:
    verb, modal = found["verb"].lower(), found["modal"]
    if modal:
        return f"{modal.lower()} be {PARTICIPLES[verb]}" if verb in PARTICIPLES else None
    number = int(_plural(found))
    if not named and verb in _PASTS and verb not in PARTICIPLES:
        return f"{('was', 'were')[number]} {_PASTS[verb]}"
    present = (_THIRDS if named else PARTICIPLES).get(verb)
    return f"{('is', 'are')[number]} {present}" if present else None


def _movable(found: re.Match[str], sentence: str) -> bool:
    """Whether the object is a whole noun phrase, and nothing joined to it or to the verb would lose its subject."""
    head = found["head"].split()
    rest = _REST.match(sentence, found.end())
    joined = _COORDINATED.search(rest.group()) if rest else None
    bare = not found["start"] and not (len(head) == 1 and _plural(found) and len(head[0]) > 4)
    doubled = sentence.startswith(f" by {head[-1]}", found.end())  # "read the errors category by category"
    return not (joined or bare or doubled or _NO_NOUN & set(head) or head[-1].endswith("ly"))


def _can_act(agent: str) -> bool:
    words = agent.lower().split()
    return not (_NO_AGENT & set(words)) and not any(word.endswith("ly") for word in words)


def _inside(agent: str) -> str:
    """An agent in the middle of a sentence: lower case, but for abbreviations."""
    return agent if agent[1:2].isupper() else agent[0].lower() + agent[1:]


def _plural(found: re.Match[str]) -> bool:
    noun = found["head"].split()[-1]
    return not found["one"] and noun.endswith("s") and not noun.endswith(("ss", "us", "is"))
