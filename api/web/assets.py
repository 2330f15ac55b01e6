"""Scripts, styles and pictures, as they are sent: their address holds a hash of all of them, so browsers keep them."""

import gzip
import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from api.web.messages import LANGUAGE, as_module

PREFIX: Final = "/assets"
MESSAGES: Final = f"messages/{LANGUAGE}.js"
# The styles that every page has, sent as one file, in this order.
SHARED: Final = ("tokens", "base", "components", "graded", "print")
TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_IMPORT: Final = re.compile(r"""^(?:import|export)\b[^"';]*?["'](\.[^"']+)["'];""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class File:
    """What is sent: the bytes as they are, and packed with gzip."""

    media_type: str
    body: bytes
    packed: bytes


class Assets:
    """The files by path, such as `js/api.js`."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        together = hashlib.sha256()
        for path in sorted(files):
            together.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
        self.version = together.hexdigest()[:16]
        self._files = {path: packed(TYPES[path.rpartition(".")[2]], body) for path, body in files.items()}

    def file(self, path: str) -> File | None:
        """One file; None where there is none of this path."""
        return self._files.get(path)

    def address(self, path: str) -> str:
        """Where a browser gets it. Raises KeyError for a path that isn't there."""
        if path not in self._files:
            raise KeyError(f"there is no asset {path!r}")
        return f"{PREFIX}/{self.version}/{path}"

    def modules(self, path: str) -> tuple[str, ...]:
        """A script and all that it imports, so that a browser can fetch them at once and not one after another."""
        found: list[str] = []
        todo = [path]
        while todo:
            if (current := todo.pop(0)) not in found:
                found.append(current)
                folder = posixpath.dirname(current)
                text = self._files[current].body.decode()
                todo += [posixpath.normpath(posixpath.join(folder, name)) for name in _IMPORT.findall(text)]
        return tuple(found)


def packed(media_type: str, body: bytes) -> File:
    """A file with its packed form."""
    return File(media_type, body, gzip.compress(body, mtime=0))


@cache
def assets() -> Assets:
    """What the package holds, read once; the message catalogue as a module, and the shared styles as one."""
    files = dict(_walk(resources.files("api.web") / "assets", ""))
    shared = b"".join(files.pop(f"css/{name}.css") for name in SHARED)
    return Assets({**files, "css/shared.css": shared, MESSAGES: as_module()})


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()
