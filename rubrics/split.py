"""Text → propositions: list items, sentences, and independent clauses of long sentences."""

import re
from itertools import pairwise

LONG_SENTENCE = 12
MIN_CLAUSE = 4
MIN_WORDS = 3
MAX_PIECE = 1_500

_BULLET = "[•●○◦▪■]"
_ITEM = re.compile(rf"^\s*(?:{_BULLET}\s*|[-*–·]\s+|\d{{1,2}}\.(?:\s+|(?=[^\W\d]))|\(?(?:\d{{1,2}}|[A-Za-z])\)\s+)")
_INLINE_ITEM = re.compile(rf"\s+(?={_BULLET}\s|\d{{1,2}}\.[^\W\d])")
_STOP = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s+\S)")
_CLAUSE = re.compile(r",\s+(?=(?:and|but|while|whereas|so|yet)\s)", re.IGNORECASE)
_SEMICOLON = re.compile(r"(?<=;)\s+")
_INITIAL = re.compile(r"(?:^|[\s(])[A-Z]\.$")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER_LAST = _words("e.g i.e cf vs viz dr mr mrs ms prof st al ca resp approx")
_BEFORE_NUMBERS = _words("fig figs eq eqs sec ch no nos vol p pp")
_SOMETIMES_LAST = _words("etc inc ltd co jr sr a.m p.m u.s u.k ph.d")
_OPENERS = _words(
    "the a an it its this that these those they there he she we you i in on at if when because since so then for as "
    "to and but however therefore thus both each all another one some most after before while with by"
)
_VERBS = _words(
    "is are was were be been am has have had do does did can cannot could will would may might must should shall "
    "isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't can't couldn't won't wouldn't shouldn't "
    "becomes become became causes cause caused changes changed contains contain contained creates create created "
    "decreases decreased depends depend falls fell fits fit gets get got gives give gave goes go went grows grow grew "
    "increases increased keeps keep kept learns learn learned leads lead led lets makes make made means meant moves "
    "moved needs need needed occurs occur occurred predicts predict produces produce produced reduces reduce reduced "
    "remains remain remained requires require required rises rose runs ran says said shows showed stays stayed takes "
    "take took tells told tends tend turns turned uses use used works work worked"
)


def propositions(text: str) -> list[str]:
    """The pieces of `text` that can be checked on their own, in order, whitespace collapsed.

    Every word of the text is in exactly one piece; list markers are dropped. A piece has three words or more unless
    the whole text is shorter, and at most 1,500 characters.
    """
    pieces = [
        clause
        for block in _blocks(text)
        for sentence in _sentences(block)
        for part in _SEMICOLON.split(sentence)
        for clause in _clauses(part)
    ]
    return [part for piece in _joined(pieces) for part in _chopped(piece)]


def _blocks(text: str) -> list[str]:
    blocks: list[list[str]] = [[]]
    for line in _INLINE_ITEM.sub("\n", text).splitlines():
        item = _item_body(line)
        if item is not None or not line.strip():
            blocks.append([])
        blocks[-1].append(line if item is None else item)
    joined = (" ".join(" ".join(lines).split()) for lines in blocks)
    return [block for block in joined if block]


def _item_body(line: str) -> str | None:
    """The line without its list marker; None when it isn't a list item."""
    marker = _ITEM.match(line)
    return line[marker.end() :] if marker else None


def _sentences(block: str) -> list[str]:
    cuts = [stop.end() for stop in _STOP.finditer(block) if _ends_sentence(block, stop)]
    return _slices(block, cuts)


def _ends_sentence(block: str, stop: re.Match[str]) -> bool:
    if not stop.group().startswith(".") or stop.group().startswith(".."):
        return True
    following = block[stop.end() :].split(maxsplit=1)[0].strip("\"'“‘([,")
    last = block[: stop.start()].rsplit(maxsplit=1)[-1].lstrip("\"'“‘([").lower() if stop.start() else ""
    if last in _NEVER_LAST or (last in _BEFORE_NUMBERS and following[:1].isdigit()):
        return False
    if last in _SOMETIMES_LAST:
        return following[:1].isupper()
    if _INITIAL.search(block[: stop.start() + 1]):
        return following.lower() in _OPENERS
    return True


def _clauses(sentence: str) -> list[str]:
    if len(sentence.split()) < LONG_SENTENCE:
        return [sentence]
    cuts: list[int] = []
    for comma in _CLAUSE.finditer(sentence):
        left, right = sentence[cuts[-1] if cuts else 0 : comma.start()], sentence[comma.end() :]
        if _independent(left.split()) and _independent(right.split()[1:]):
            cuts.append(comma.start() + 1)
    return _slices(sentence, cuts)


def _independent(words: list[str]) -> bool:
    """Long enough, and with a verb that something stands before: "and falls again" has lost its subject."""
    plain = [word.strip(".,:()\"'").lower() for word in words]
    return len(words) >= MIN_CLAUSE and plain[0] not in _VERBS and any(word in _VERBS for word in plain[1:])


def _joined(pieces: list[str]) -> list[str]:
    """Pieces of fewer than three words go to the piece before them, the first ones to the piece after."""
    joined: list[str] = []
    for piece in pieces:
        if joined and min(len(piece.split()), len(joined[-1].split())) < MIN_WORDS:
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return joined


def _chopped(piece: str) -> list[str]:
    """Text without any stop is cut between words; a single longer word is left to the format's own limit."""
    cuts: list[int] = []
    while len(piece) - (start := cuts[-1] if cuts else 0) > MAX_PIECE:
        cut = piece.rfind(" ", start + 1, start + MAX_PIECE)
        if cut < 0:
            break
        cuts.append(cut)
    return _slices(piece, cuts)


def _slices(text: str, cuts: list[int]) -> list[str]:
    bounds = [0, *cuts, len(text)]
    parts = (text[start:end].strip() for start, end in pairwise(bounds))
    return [part for part in parts if part]
