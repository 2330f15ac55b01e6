"""Words that an embedding model doesn't know: typos, names, abbreviations. The only importer of rapidfuzz."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from grader.encoder import TokenVectors
from grader.text import folded, words

ABBREVIATION = (3, 5)  # letters of those that are matched with the words they stand for
SHORTEST_TYPO = 5  # characters; shorter words have too many honest neighbours
TYPO = 0.8  # least normalised Damerau-Levenshtein similarity of a typo with its word
SPELLING = 0.9  # the same of two spellings of a word, such as British and American
PAIR_ROWS = 512  # texts compared with all others at a time
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text and its tokens, `first` to `last` exclusive."""

    text: str
    first: int
    last: int


def words_of(text: str, tokens: TokenVectors) -> list[Word]:
    """The words of `text` that have tokens, in order."""
    matches = list(_WORD.finditer(text))
    firsts = np.searchsorted(tokens.starts, [match.start() for match in matches]).tolist()
    lasts = np.searchsorted(tokens.starts, [match.end() for match in matches]).tolist()
    return [
        Word(match.group(), first, last)
        for match, first, last in zip(matches, firsts, lasts, strict=True)
        if last > first
    ]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words and initials of a rubric's wordings, with the wording tokens that carry them."""

    places: dict[str, NDArray[np.intp]]
    abbreviations: dict[str, NDArray[np.intp]]
    initials: dict[str, NDArray[np.intp]]
    candidates: tuple[str, ...]

    @classmethod
    def build(
        cls, texts: Sequence[str], tokens: Sequence[TokenVectors], known: Iterable[str], terms: Iterable[str]
    ) -> "Lexicon":
        """`known`: texts whose words are right as they stand, wherever they occur; `terms` likewise."""
        places: dict[str, list[int]] = defaultdict(list)
        short: dict[str, list[int]] = defaultdict(list)
        initials: dict[str, list[int]] = defaultdict(list)
        at = 0
        for text, one in zip(texts, tokens, strict=True):
            row = words_of(text, one)
            for word in row:
                carriers = range(at + word.first, at + word.last)
                places[folded(word.text)].extend(carriers)
                if word.text.isupper() and ABBREVIATION[0] <= len(word.text) <= ABBREVIATION[1]:
                    short[folded(word.text)].extend(carriers)
            for letters, first, last in _initials(row):
                initials[letters].extend(range(at + first, at + last))
            at += len(one)
        for text in (*known, *terms):
            for spelt in words(text):
                places.setdefault(spelt, [])
        long = tuple(sorted(word for word in places if len(word) >= SHORTEST_TYPO and word.isalpha()))
        return cls(_arrays(places), _arrays(short), _arrays(initials), long)

    def links(self, text: str, tokens: TokenVectors) -> list[tuple[NDArray[np.intp], slice, float]]:
        """Pairs that the encoder is likely to miss: (wording tokens, answer tokens, similarity 0–1).

        A word that the tokenizer had to split and the rubric doesn't know is taken as a typo of its nearest rubric
        word; "SGD" is linked with the words whose initials it gives, and those words with a wording's "SGD".
        """
        found: list[tuple[NDArray[np.intp], slice, float]] = []
        row = words_of(text, tokens)
        unknown = []
        for word in row:
            if word.last - word.first == 1 and not word.text.isupper():
                continue
            spelt = folded(word.text)
            if word.last - word.first > 1 and spelt not in self.places and len(spelt) >= SHORTEST_TYPO:
                unknown.append((spelt, word))
            if word.text.isupper() and (places := self.initials.get(spelt)) is not None:
                found.append((places, slice(word.first, word.last), 1.0))
        spelt_out = "".join(word.text[0] for word in row).casefold()
        for letters, places in self.abbreviations.items():
            for hit in re.finditer(re.escape(letters), spelt_out):
                first, last = row[hit.start()], row[hit.end() - 1]
                if last.last - first.first == sum(word.last - word.first for word in row[hit.start() : hit.end()]):
                    found.append((places, slice(first.first, last.last), 1.0))
        return found + self._typos(unknown)

    def _typos(self, unknown: list[tuple[str, Word]]) -> list[tuple[NDArray[np.intp], slice, float]]:
        if not unknown or not self.candidates:
            return []
        found = []
        for spelt, word in unknown:
            best = process.extractOne(
                spelt, self.candidates, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=TYPO
            )
            if best is not None and len(places := self.places[best[0]]):
                found.append((places, slice(word.first, word.last), float(best[1])))
        return found


def _initials(row: Sequence[Word]) -> list[tuple[str, int, int]]:
    """Initials of two words or more that some abbreviation could stand for, with the tokens they cover."""
    out = []
    for length in range(ABBREVIATION[0], ABBREVIATION[1] + 1):
        for at in range(len(row) - length + 1):
            part = row[at : at + length]
            if all(word.text[0].isalpha() for word in part) and _adjacent(part):
                out.append(("".join(word.text[0] for word in part).casefold(), part[0].first, part[-1].last))
    return out


def _adjacent(part: Sequence[Word]) -> bool:
    return all(left.last == right.first for left, right in pairwise(part))


def _arrays(lists: dict[str, list[int]]) -> dict[str, NDArray[np.intp]]:
    return {key: np.array(value, np.intp) for key, value in lists.items()}


def copied(source: str, answer: str, share: float) -> bool:
    """Whether `share` (0–1) of `source` or more stands in `answer` in the same words and order (rapidfuzz ratios)."""
    left, right = words(source), words(answer)
    present = set(right)
    if not left or sum(word in present for word in left) < (share - 0.1) * len(left):
        return False
    compare = fuzz.partial_ratio if len(left) <= len(right) else fuzz.ratio
    return bool(compare(" ".join(left), " ".join(right), score_cutoff=100 * share))


def likeness(left: str, right: str) -> float:
    """How alike two names or questions are, 0–1, in whatever order their words stand (rapidfuzz ratio)."""
    return fuzz.token_sort_ratio(" ".join(words(left)), " ".join(words(right))) / 100


def shared_words(query: str, texts: Sequence[str], weight: Callable[[str], float]) -> NDArray[np.float32]:
    """For each text the share [n], 0–1, of the query's words that it has, weighted by `weight` (above 0).

    Another spelling counts by its similarity, and so does a typo: a word that none of the texts has.
    """
    rows = [frozenset(words(text)) for text in texts]
    vocabulary = sorted(frozenset().union(*rows))
    share, total = np.zeros(len(texts), np.float32), 0.0
    for word in dict.fromkeys(words(query)):
        near = _spellings(word, vocabulary)
        credit = [max((near[same] for same in near.keys() & row), default=0.0) for row in rows]
        share += np.float32(weight(word)) * np.array(credit, np.float32)
        total += weight(word)
    return share / np.float32(total) if total else share


def _spellings(word: str, vocabulary: Sequence[str]) -> dict[str, float]:
    known = word in vocabulary
    if len(word) < SHORTEST_TYPO:
        return {word: 1.0} if known else {}
    similarity = DamerauLevenshtein.normalized_similarity
    least = SPELLING if known else TYPO
    return {
        same: score
        for same, score, _ in process.extract(word, vocabulary, scorer=similarity, score_cutoff=least, limit=None)
    }


def pairs_alike(texts: Sequence[Sequence[str]], least: float) -> list[tuple[int, int, float]]:
    """Pairs of rows of words (left < right, by position) with their similarity (Indel ratio, 0–1), `least` or more.

    Compares each with each: time grows with the square of the texts, memory with the texts and the pairs found.
    """
    found: list[tuple[int, int, float]] = []
    common = Counter(word for text in texts for word in text).most_common()
    numbers = {word: at for at, (word, _) in enumerate(common)}  # rapidfuzz is several times faster below 256
    numbered = [[numbers[word] for word in text] for text in texts]
    for start in range(0, len(texts), PAIR_ROWS):
        rows, rest = numbered[start : start + PAIR_ROWS], numbered[start + PAIR_ROWS :]
        for others, first in ((rows, start), (rest, start + PAIR_ROWS)):  # of rows with themselves it takes one half
            ratios = process.cdist(rows, others, scorer=fuzz.ratio, score_cutoff=100 * least, dtype=np.float32)
            found.extend(
                (start + row, first + column, float(ratios[row, column]) / 100)
                for row, column in np.argwhere(ratios > 0).tolist()
                if start + row < first + column
            )
    return found
