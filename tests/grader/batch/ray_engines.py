"""Engines that actors can build: by name, in a process of their own."""

import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.engine import Engine
from grader.model import EngineInfo, Evaluation
from rubrics.model import Rubric
from tests.fakes import fake_engine


@dataclass(frozen=True)
class Watched:
    """Builds engines that note in a folder what they grade; the first to meet `deadly` in an answer dies at once."""

    folder: Path
    deadly: str = ""

    def __call__(self) -> "WatchedEngine":
        return WatchedEngine(self, fake_engine())


class WatchedEngine:
    def __init__(self, watch: Watched, engine: Engine) -> None:
        self._watch, self._engine = watch, engine
        self.info: EngineInfo = engine.info

    def grade(self, rubric: Rubric, answer: str) -> Evaluation:
        return self._engine.grade(rubric, answer)

    def grade_many(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[Evaluation]:
        return self._engine.grade_many(self._noted(pairs))

    def _noted(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[tuple[Rubric, str]]:
        for rubric, answer in pairs:
            died = self._watch.folder / "died"
            if self._watch.deadly and self._watch.deadly in answer and not died.exists():
                died.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            with (self._watch.folder / str(os.getpid())).open("a") as stream:
                stream.write(f"{answer}\n")
            yield rubric, answer


def graded(folder: Path) -> list[str]:
    """What all of them have graded."""
    return [line for path in folder.glob("[0-9]*") for line in path.read_text().splitlines()]
