"""Files on local disk or under a URL (s3://…, gs://…, …), all through fsspec."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final

import fsspec
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from grader.batch.files import replacing
from grader.errors import DataInvalid

BUFFER = 1 << 20  # bytes read ahead
_SAVING = ".saving"  # folder of files that aren't whole yet
_STATES = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created")
KINDS: Final = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".parquet": "parquet", ".pq": "parquet"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of answers. size: bytes; state: changes whenever its content does, as far as its store tells."""

    url: str
    kind: str
    size: int
    state: str

    def open(self) -> BufferedReader:
        """Its bytes, read as they are wanted."""
        return BufferedReader(fsspec.open(self.url, "rb", block_size=BUFFER).open(), BUFFER)


def stored(url: str) -> list[StoredFile]:
    """A file, or all files of a folder by name; those whose names begin with . or _ are left out, as is usual for
    folders of Parquet. Raises DataInvalid for other kinds than Parquet and JSONL, for both together, and where there is
    none.
    """
    files, path = _filesystem(url)
    found = [path] if files.isfile(path) else sorted(one for one in files.find(path) if not _hidden(one, path))
    if not found:
        raise DataInvalid(f"{url}: is no file, and no folder with files: check the path")
    answers = []
    for one in found:
        kind = KINDS.get(Path(one).suffix.lower())
        if kind is None:
            raise DataInvalid(f"{one}: is neither Parquet nor JSONL by its name: grade it apart, or leave it out")
        info = files.info(one)
        state = next((str(info[key]) for key in _STATES if info.get(key) is not None), "")
        answers.append(StoredFile(files.unstrip_protocol(one), kind, int(info["size"]), state))
    if len({one.kind for one in answers}) > 1:
        raise DataInvalid(f"{url}: holds both Parquet and JSONL: grade them apart")
    return answers


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for results, by path or URL."""

    url: str

    def names(self, folder: str) -> list[str]:
        """The files in a folder of it, none where it isn't there."""
        files, path = _filesystem(f"{self.url}/{folder}")
        files.invalidate_cache()
        return sorted(one.rpartition("/")[2] for one in files.find(path, maxdepth=1)) if files.exists(path) else []

    def read(self, names: Sequence[str]) -> list[bytes]:
        """What files of it hold."""
        files, path = _filesystem(self.url)
        paths = [f"{path}/{name}" for name in names]
        found = files.cat(paths) if paths else {}
        return [found[one] for one in paths]

    @contextmanager
    def saving(self, name: str) -> Iterator[Path]:
        """A local path to write to; what is there becomes the file `name`, whole or not at all. Several processes may
        save the same name at the same time.
        """
        files, path = _filesystem(self.url)
        own = isinstance(files, LocalFileSystem)
        if own:
            (Path(path) / _SAVING).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=Path(path) / _SAVING if own else None) as folder:
            local = Path(folder) / Path(name).name
            yield local
            if own:
                target = Path(path) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with replacing(local) as temporary:  # so that it is on disk before it has its name
                    shutil.copyfile(local, temporary)
                local.replace(target)
            else:
                files.put_file(str(local), f"{path}/{name}")

    def tidy(self) -> None:
        """Remove what killed processes have left."""
        files, path = _filesystem(self.url)
        if isinstance(files, LocalFileSystem):
            shutil.rmtree(Path(path) / _SAVING, ignore_errors=True)


def _filesystem(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    try:
        files, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise DataInvalid(
            f"{url}: can't be reached ({error}): install what fsspec needs for it, or correct it"
        ) from error
    return files, path.rstrip("/") if len(path) > 1 else path


def _hidden(path: str, folder: str) -> bool:
    return any(part.startswith((".", "_")) for part in path.removeprefix(folder).split("/"))
