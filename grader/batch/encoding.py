"""Which encoding a text file has, told from all of its bytes."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.errors import DataInvalid

CHUNK = 1 << 20  # bytes
WRONG_BYTE: Final = re.compile("[\udc80-\udcff]")
_OTHER = re.compile("[^\0-\x7f\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to open a file. With errors "surrogateescape" a wrong byte becomes U+DC00 plus its value."""

    title: str
    codec: str
    errors: str = "surrogateescape"
    notes: tuple[str, ...] = ()


def encoding_of(path: Path) -> Encoding:
    """Tell UTF-8, Windows-1252 and (by its mark) UTF-16. Reads the file once, a chunk at a time. Raises DataInvalid."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    escaped = other = 0
    with path.open("rb") as stream:
        chunk = stream.read(CHUNK)
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return Encoding("UTF-16", "utf-16", "strict")
        if chunk.count(0) > len(chunk) // 20:
            raise DataInvalid(f"{path}: is full of null bytes, so it is no text: save it as CSV in UTF-8")
        while chunk:
            if not chunk.isascii() or decoder.getstate()[0]:
                text = decoder.decode(chunk)
                escaped, other = escaped + len(WRONG_BYTE.findall(text)), other + len(_OTHER.findall(text))
            chunk = stream.read(CHUNK)
    escaped += len(decoder.decode(b"", final=True))  # a character cut off by the end
    if escaped <= other:  # all is UTF-8, or so much of it that the rest is damage
        return Encoding("UTF-8", "utf-8-sig")
    return Encoding("Windows-1252", "cp1252", notes=("it isn't UTF-8 and was read as Windows-1252: check its accents",))
