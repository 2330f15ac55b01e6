"""Where an answer's sentences and clauses lie, and texts made comparable. Offsets are code points of the given text."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from grader.errors import AnswerInvalid

_BREAK = re.compile(
    r"""(?P<hard> (?:(?<![\s.](?:e\.g|i\.e))(?<!\bvs)(?<!\betc)(?<!\bcf)[.!?…]+["'”’)\]]*\s+
          | \s*(?:\r\n|[\n\r\u2028\u2029])\s* ))
      | (?P<soft> [,:;]\s+ | \s+[–—-]\s+
          | \s+(?=(?:but|because|while|whereas|although|though|unless|until|since|which|so|and|if|when|or)\b) )""",
    re.VERBOSE | re.IGNORECASE,
)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff"  # scripts without spaces: a character counts as a word
_WORD = re.compile(rf"[{_IDEOGRAPH}]|(?:(?![{_IDEOGRAPH}])\w)+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class Clauses:
    """The clauses of a text, end to end: clause i is `text[starts[i]:starts[i + 1]]`, the last one ends with the text.

    `sentences`: index of the first clause of each sentence.
    """

    starts: tuple[int, ...]
    sentences: tuple[int, ...]


@lru_cache(maxsize=64)
def clauses(text: str) -> Clauses:
    """Cut at sentence ends, line breaks, commas, dashes and the conjunctions that begin a clause."""
    starts, sentences = [0], [0]
    for cut in _BREAK.finditer(text):
        if cut.end() >= len(text):
            break
        if cut.end() == starts[-1]:
            continue
        if cut.lastgroup == "hard":
            sentences.append(len(starts))
        starts.append(cut.end())
    return Clauses(tuple(starts), tuple(sentences))


def sentences(text: str) -> list[str]:
    """The text's sentences, trimmed, blank ones left out."""
    cut = clauses(text)
    bounds = [*(cut.starts[index] for index in cut.sentences), len(text)]
    return [part for start, end in pairwise(bounds) if (part := text[start:end].strip())]


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """Words in any script, lower case, compatibility forms folded. Kept, for guards ask again and again."""
    return tuple(_WORD.findall(folded(text)))


def folded(text: str) -> str:
    """NFKC and case folded: for comparing, never for offsets."""
    return unicodedata.normalize("NFKC", text).casefold()


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space and separators at its edges."""
    while start < end and (text[start].isspace() or text[start] in ",;:–—-"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;:–—-"):
        end -= 1
    return start, end


def check(text: str, limit: int) -> None:
    """Raise AnswerInvalid where text isn't Unicode, holds a null character, or is longer than `limit` code points."""
    if len(text) > limit:
        raise AnswerInvalid(
            f"the answer has {len(text)} characters, {limit} are allowed: shorten it, or raise GRADER_MAX_ANSWER_CHARS"
        )
    if (wrong := _NO_TEXT.search(text)) is not None:
        what = "a null character" if wrong.group() == "\0" else "a lone surrogate"
        code = f"U+{ord(wrong.group()):04X}"
        raise AnswerInvalid(f"the answer has {what} ({code}) at character {wrong.start()}: send it without it")
