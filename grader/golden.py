"""Golden answers: marked answers to the bank's items, one YAML file a rubric (format: tests/golden/README.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from grader.errors import DataInvalid
from grader.model import Verdict


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's verdict on one key point, and the words of the answer that decide it ("" when missed)."""

    verdict: Verdict
    quote: str


@dataclass(frozen=True, slots=True)
class GoldenAnswer:
    """An answer with a mark for every key point of its rubric, and the misconceptions that it asserts."""

    rubric: str
    topic: str
    id: str
    kind: str
    voice: str
    text: str
    marks: dict[str, Mark]
    misconceptions: tuple[str, ...]


def load_golden(folder: Path) -> list[GoldenAnswer]:
    """All answers of FOLDER/TOPIC/RUBRIC_ID.yaml, in the order of the paths. Raises DataInvalid."""
    return [answer for path in sorted(folder.glob("*/*.yaml")) for answer in _file(path)]


def _file(path: Path) -> Iterator[GoldenAnswer]:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for one in raw["answers"]:
            yield GoldenAnswer(
                rubric=raw["rubric"],
                topic=path.parent.name,
                id=one["id"],
                kind=one["kind"],
                voice=one["voice"],
                text=one["text"],
                marks={key: Mark(Verdict(m["verdict"]), m.get("quote") or "") for key, m in one["marks"].items()},
                misconceptions=tuple(one["misconceptions"]),
            )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataInvalid(f"{path}: not a file of golden answers ({type(error).__name__}: {error})") from error
