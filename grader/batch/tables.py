"""Opening a file of answers, whatever its format."""

from pathlib import Path

from grader.batch.rows import Fault, Row, Table
from grader.errors import DataInvalid

__all__ = ["KINDS", "Fault", "Row", "Table", "open_table"]

KINDS = ("csv", "xlsx", "jsonl", "parquet")
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_BEGINNINGS = {b"PK\x03\x04": "xlsx", b"PAR1": "parquet"}
_REFUSED = {
    b"\xd0\xcf\x11\xe0": "is an old .xls workbook or one with a password: save it as .xlsx without a password",
    b"\x1f\x8b": "is compressed with gzip: unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd: unpack it first",
    b"BZh": "is compressed with bzip2: unpack it first",
    b"%PDF": "is a PDF: give the answers as .csv, .xlsx, .jsonl or .parquet",
    b"PK\x05\x06": "is an empty ZIP archive: give the answers as .csv, .xlsx, .jsonl or .parquet",
}


def open_table(path: Path, kind: str | None = None, delimiter: str | None = None) -> Table:
    """Open a file and read its header. `kind`: one of KINDS, by default told from content and suffix; `delimiter`: one
    character for csv ("tab" is one too), by default told from the first rows. Raises DataInvalid when the file can't
    be read.
    """
    if kind is not None and kind not in KINDS:
        raise DataInvalid(f"{kind!r:.40} is no kind of file: take one of {', '.join(KINDS)}")
    try:
        with path.open("rb") as stream:
            first = stream.read(4096)
    except OSError as error:
        raise DataInvalid(f"{path}: can't be read ({error.strerror or error})") from error
    found = _kind(path, first, kind)
    if delimiter is not None and found != "csv":
        raise DataInvalid(f"{path}: is read as {found}, which has no delimiter: leave the delimiter out")
    return _open(path, found, delimiter)


def _open(path: Path, kind: str, delimiter: str | None) -> Table:
    """Readers are imported when they are needed: pyarrow alone takes half a second."""
    if kind == "csv":
        from grader.batch.csv_table import open_csv

        return open_csv(path, delimiter)
    if kind == "jsonl":
        from grader.batch.jsonl_table import open_jsonl

        return open_jsonl(path)
    if kind == "xlsx":
        from grader.batch.xlsx_table import open_xlsx

        return open_xlsx(path)
    from grader.batch.parquet_table import open_parquet

    return open_parquet(path)


def _kind(path: Path, first: bytes, asked: str | None) -> str:
    """The kind of a file that begins with `first`. Raises DataInvalid when it can't be what it is said to be."""
    if not first:
        raise DataInvalid(f"{path}: is empty: give a file with a header and answers")
    for beginning, reason in _REFUSED.items():
        if first.startswith(beginning):
            raise DataInvalid(f"{path}: {reason}")
    content = next((kind for beginning, kind in _BEGINNINGS.items() if first.startswith(beginning)), None)
    said = asked or content or _SUFFIXES.get(path.suffix.lower())
    if said is None:
        said = "jsonl" if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"
    if (said in _BEGINNINGS.values() or content) and said != content:
        raise DataInvalid(f"{path}: isn't {said}, for it begins with {first[:8]!r}: give the kind that it is")
    return said
