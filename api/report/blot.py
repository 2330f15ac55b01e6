"""Names and other tell-tale words blotted out of a text, letter by letter, so that offsets into it stay true."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

BLOT = "█"
LEAST_DIGITS = 4  # of a secret without letters; shorter numbers occur in any text
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff"  # scripts without spaces: each character is a word
_WORD = re.compile(rf"[{_IDEOGRAPH}]|(?:(?![_{_IDEOGRAPH}])[\w\u0300-\u036f])+")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Rows of words by their first one. `fold`: whether a word in other letter case is the same."""

    rows: dict[str, tuple[Words, ...]]
    fold: bool

    @classmethod
    def of(cls, texts: Iterable[str], fold: bool) -> Self:
        """Every text's words as one secret; texts that can't tell who somebody is are left out: "7", "B", "--"."""
        rows: dict[str, list[Words]] = defaultdict(list)
        for row in sorted({words_in(text, fold) for text in texts}, key=lambda row: (-len(row), row)):
            letters = "".join(row)
            if len(letters) >= LEAST_DIGITS or (len(letters) > 1 and not letters.isdigit()):
                rows[row[0]].append(row)
        return cls({first: tuple(found) for first, found in rows.items()}, fold)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where they stand in a text, whatever lies between their words: "Li Wei" is found in "li.wei@x.org"."""
        found = list(_WORD.finditer(text))
        spoken = [_same(one.group(), self.fold) for one in found]
        out, at = [], 0
        while at < len(spoken):
            lengths = (len(row) for row in self.rows.get(spoken[at], ()) if tuple(spoken[at : at + len(row)]) == row)
            length = next(lengths, 0)
            if length:
                out.append((found[at].start(), found[at + length - 1].end()))
            at += max(length, 1)
        return out


def blot(text: str, secrets: Iterable[Secrets]) -> str:
    """The text, as long as before, with all secrets blotted out."""
    for start, end in [span for one in secrets for span in one.spans(text)]:
        text = text[:start] + BLOT * (end - start) + text[end:]
    return text


def words_in(text: str, fold: bool = True) -> Words:
    """The words that names are compared by."""
    return tuple(_same(word, fold) for word in _WORD.findall(text))


def _same(word: str, fold: bool) -> str:
    if word.isascii():
        return word.lower() if fold else word
    composed = unicodedata.normalize("NFKC", word)
    return composed.casefold() if fold else composed
