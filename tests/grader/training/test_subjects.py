"""The passages on other subjects keep to their data card."""

import re
from collections import Counter
from pathlib import Path

import pytest

from grader.training.folds import UNSEEN_SUBJECTS
from grader.training.pairs import CLASSES, SUBJECTS, subject_pairs, subject_rows

VOICES = {"spoken", "terse", "polished", "rambling", "non-native"}
KEYS = {"question", "statement", "texts"}
FILES = sorted(SUBJECTS.glob("*.jsonl"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_voice_has_every_verdict_and_no_covered_text_repeats_the_statement(file: Path) -> None:
    for number, row in enumerate(subject_rows(file), 1):
        where = f"{file.name}:{number}"
        assert set(row) == KEYS, where
        counts = Counter((one["voice"], one["verdict"]) for one in row["texts"])
        voices = {voice for voice, _ in counts}
        assert voices <= VOICES and len(voices) >= 2, where
        assert {counts[voice, verdict] for voice in voices for verdict in CLASSES} == {1}, where
        for one in row["texts"]:
            assert 8 <= len(_words(one["text"])) <= 75, (where, one["text"])
            if one["verdict"] == "covered":
                assert not _runs(one["text"]) & _runs(row["statement"]), (where, one["text"])


def test_no_statement_comes_twice() -> None:
    pairs = subject_pairs()
    statements = {pair.statement for pair in pairs}
    assert len(pairs) > 6000 and len(pairs) == 6 * len(statements)
    assert len({pair.text for pair in pairs}) == len(pairs)


def test_the_subjects_that_are_measured_on_can_be_left_out() -> None:
    kept = {pair.statement for pair in subject_pairs(UNSEEN_SUBJECTS)}
    for name in UNSEEN_SUBJECTS:
        statements = {row["statement"] for row in subject_rows(SUBJECTS / f"{name}.jsonl")}
        assert statements and not statements & kept, name


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'-]+", text.lower())


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + 4]) for at in range(len(words) - 3)}
