"""What the results in a folder belong to."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.batch.files import replacing
from grader.errors import DataInvalid

FORMAT = 1  # changes when parts are cut or written in another way, or files are read in another
NAME = "manifest.json"
_WORDS = {
    "file": "the file of answers",
    "delimiter": "the delimiter",
    "map": "the map of its columns",
    "engine": "the engine or its model",
    "max_chars": "GRADER_MAX_ANSWER_CHARS",
    "format": "the release of grader",
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that results depend on; parts belong to one manifest only.

    file: SHA-256 of its bytes. delimiter: the one asked for. map: as `map_to_dict` writes it. rubrics: version and
    content hash by id. max_chars: longest accepted answer.
    """

    file: str
    delimiter: str | None
    map: Mapping[str, str | dict[str, str]]
    rubrics: Mapping[str, str]
    engine: Mapping[str, str]
    max_chars: int
    format: int = FORMAT

    def differences(self, other: object) -> list[str]:
        """What is different in another one, as parsed from JSON, in words for the user."""
        mine = asdict(self)
        theirs = other if isinstance(other, dict) else {}
        found = [words for name, words in _WORDS.items() if mine[name] != theirs.get(name)]
        before = theirs.get("rubrics")
        before = before if isinstance(before, dict) else {}
        changed = (id_ for id_ in sorted({*self.rubrics, *before}) if self.rubrics.get(id_) != before.get(id_))
        return found + [f"the rubric {id_!r}" for id_ in changed]


def bind(folder: Path, manifest: Manifest) -> None:
    """Give `folder` its manifest. Raises DataInvalid where it holds the results of another, or of nobody knows what."""
    path = folder / NAME
    remedy = f"choose another folder with --out, or remove {folder}"
    if not path.exists():
        if any(folder.glob("*.jsonl")):
            raise DataInvalid(f"{folder}: holds results without {NAME}, which says what they belong to: {remedy}")
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        return
    try:
        before = json.loads(path.read_bytes())
    except ValueError as error:
        raise DataInvalid(f"{path}: can't be read ({error}): {remedy}") from error
    if changed := manifest.differences(before):
        raise DataInvalid(f"{folder}: holds results from before a change of {', '.join(changed)}: {remedy}")
