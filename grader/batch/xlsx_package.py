"""A workbook's ZIP archive, unpacked in bounded memory and never trusted about its sizes."""

import struct
import zipfile
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Final

from grader.errors import DataInvalid

MAX_BYTES = 200_000_000  # of all parts together, unpacked
MAX_INDEX = 4_000_000  # bytes of the archive's table of contents, all of which zipfile reads
RATIO = (10_000_000, 100)  # a part's bytes unpacked, and their ratio to those stored, that together are refused
REMEDY: Final = "save the sheet as CSV"
_CHUNK = 1 << 18
_END = struct.Struct("<4s4H2LH")  # the record at an archive's end: 4 bytes "PK\5\6", …, size of the contents, …


class Package:
    """The parts of an open archive. Names are compared without regard to case, as spreadsheet programs do."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._archive = path, archive
        self._parts = {_plain(info.filename): info for info in archive.infolist()}
        if len(self._parts) < len(archive.infolist()):
            raise self.refusal("holds a part twice")
        for info in self._parts.values():
            self._check(info)
        total = sum(info.file_size for info in self._parts.values())
        if total > MAX_BYTES:
            raise self.refusal(f"unpacks to {total:,} bytes, {MAX_BYTES:,} are allowed")

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def names(self) -> tuple[str, ...]:
        return tuple(self._parts)

    def read(self, name: str) -> Iterator[bytes]:
        """A part's content, a chunk at a time. Raises DataInvalid when there is more or less of it than is declared."""
        declared = self._parts[_plain(name)]
        unbounded = copy(declared)
        unbounded.file_size = MAX_BYTES  # zipfile would stop at the declared size, other readers don't
        size = 0
        with self._archive.open(unbounded) as part:
            while chunk := part.read(_CHUNK):
                size += len(chunk)
                if size > declared.file_size:
                    break
                yield chunk
        if size != declared.file_size:
            raise self.refusal(f"says that {name!r:.80} has {declared.file_size:,} bytes, which isn't so")

    def refusal(self, what: str) -> DataInvalid:
        return DataInvalid(f"{self._path}: {what}: {REMEDY}")

    def _check(self, info: zipfile.ZipInfo) -> None:
        if info.flag_bits & 1:
            raise self.refusal(f"has the part {info.filename!r:.80} encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self.refusal(f"has the part {info.filename!r:.80} compressed in an unusual way")
        if info.file_size > RATIO[0] and info.file_size > RATIO[1] * info.compress_size:
            raise self.refusal(
                f"has the part {info.filename!r:.80} grow from {info.compress_size:,} bytes to {info.file_size:,}"
            )


def refuse_long_index(path: Path) -> None:
    """Raise DataInvalid when the archive is too large, or its table of contents too long to be read."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DataInvalid(f"{path}: has {size:,} bytes, a workbook may have {MAX_BYTES:,}: {REMEDY}")
    with path.open("rb") as stream:
        stream.seek(max(0, size - _END.size - 0xFFFF))
        tail = stream.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise zipfile.BadZipFile("it has no end")
    if _END.unpack_from(tail, at)[5] > MAX_INDEX:
        raise DataInvalid(f"{path}: holds far more parts than a workbook has: {REMEDY}")


def _plain(name: str) -> str:
    return name.replace("\\", "/").casefold()
