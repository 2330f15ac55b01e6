"""The passages on other subjects keep to their data card."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from grader.training.folds import UNSEEN_SUBJECTS
from grader.training.pairs import CLASSES, LETTERS, SUBJECTS, subject_pairs, subject_rows

VOICES = {"spoken", "terse", "polished", "rambling", "non-native"}
KEYS = {"question", "statement", "opposite", "texts", "opposite_marks", "next_marks"} | {"next", "beside"}
FILES = sorted(SUBJECTS.glob("*.jsonl"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_verdict_comes_as_often_and_no_covered_text_repeats_the_statement(file: Path) -> None:
    rows = subject_rows(file)
    assert len(rows) >= 30, file.name
    for number, row in enumerate(rows, 1):
        where = f"{file.name}:{number}"
        assert set(row) == KEYS, where
        assert Counter(one["verdict"] for one in row["texts"]) == dict.fromkeys(CLASSES, 2), where
        assert {one["voice"] for one in row["texts"]} <= VOICES, where
        assert {"C"} <= set(row["opposite_marks"]) <= set(LETTERS) and len(row["opposite_marks"]) == 6, where
        assert set(row["next_marks"]) <= (set(LETTERS) if row["next"] else {"-"}) and len(row["next_marks"]) == 6, where
        for one in row["texts"]:
            assert 7 <= len(_words(one["text"])) <= 85, (where, one["text"])
            if one["verdict"] == "covered":
                assert not _runs(one["text"]) & _runs(row["statement"]), (where, one["text"])


def test_what_covers_a_statement_contradicts_its_opposite() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for file in FILES:
        for row in subject_rows(file):
            counts.update(zip((one["verdict"] for one in row["texts"]), row["opposite_marks"], strict=True))
    for verdict, opposite in (("covered", "X"), ("contradicted", "C"), ("missed", "M")):
        alike = counts[verdict, opposite] / sum(count for (known, _), count in counts.items() if known == verdict)
        assert alike > 0.9, (verdict, counts)


def test_passages_also_stand_beside_opposites_and_neighbours() -> None:
    pairs = subject_pairs(more=Random(0))
    rows = [row for file in FILES for row in subject_rows(file)]
    opposites = {row["opposite"] for row in rows}
    assert {pair.verdict for pair in pairs if pair.statement in opposites} == set(CLASSES)
    alone = {one["text"] for row in rows for one in row["texts"]}
    joined = [pair for pair in pairs if pair.text not in alone]
    assert 0.25 < len(joined) / (6 * len(rows)) < 0.35
    assert 14 * len(rows) < len(pairs) < 16 * len(rows)


def test_no_statement_comes_twice() -> None:
    pairs = subject_pairs()
    statements = {pair.statement for pair in pairs}
    assert len(pairs) > 18_000 and len(pairs) == 6 * len(statements)
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
