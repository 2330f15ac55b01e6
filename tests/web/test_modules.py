"""Scripts that only compute, called one by one in the browser."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("text", "expected"), [("", [0]), ("ab", [0, 1, 2]), ("a😀b", [0, 1, 3, 4]), ("e\u0301", [0, 1, 2])]
)
def test_code_points_are_found_in_utf16(run: Any, text: str, expected: list[int]) -> None:
    assert run("js/marked.js", "places", text) == expected
    assert run("js/marked.js", "length", text) == len(text)


def test_a_text_is_cut_at_the_ends_of_its_spans(run: Any) -> None:
    spans = [{"start": 1, "end": 4, "k": "a"}, {"start": 3, "end": 6, "k": "b"}, {"start": 3, "end": 4, "k": "c"}]
    found = run("js/marked.js", "pieces", "😀bcdef!", spans)
    shown = [
        (piece["text"], "".join(s["k"] for s in piece["spans"]), "".join(s["k"] for s in piece["ends"]))
        for piece in found
    ]
    assert shown == [("😀", "", ""), ("bc", "a", ""), ("d", "abc", "ac"), ("ef", "b", "b"), ("!", "", "")]


@pytest.mark.parametrize("spans", [[], [{"start": 0, "end": 99}], [{"start": 5, "end": 9}]])
def test_pieces_always_make_up_the_text(run: Any, spans: list[dict[str, int]]) -> None:
    assert "".join(piece["text"] for piece in run("js/marked.js", "pieces", "some text", spans)) == "some text"
    assert run("js/marked.js", "pieces", "", spans) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("a b c", "a b c", "=a b c"),
        ("", "a b", "+a b"),
        ("a b", "", "-a b"),
        ("a b c d", "a x c d", "=a |-b |+x |=c d"),
        ("a b c", "c a b", "+c |=a b|-c"),
        ("a b", "a b\n\nc", "=a b\n\n|+c"),
    ],
)
def test_words_that_changed(run: Any, before: str, after: str, expected: str) -> None:
    signs = {"same": "=", "in": "+", "out": "-"}
    found = run("js/diff.js", "diff", before, after)
    assert "|".join(signs[part["kind"]] + part["text"] for part in found).replace("b |-c", "b|-c") == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("one, two", 2), ("don't stop-gap 3.5", 4), ("Größe naïve", 2), ("…?", 0), ("机器学习", 1)],
)
def test_words_are_counted(run: Any, text: str, words: int) -> None:
    assert run("js/names.js", "countWords", text) == words


@pytest.mark.parametrize(
    ("written", "mark"),
    [("0", 0), (" 3 ", 3), ("1.5", 1.5), ("1,5", 1.5), (".5", 0.5)]
    + [(one, None) for one in ("", " ", "3.1", "-1", "1.", "1e0", "0x1", "1.5.1", "two", "٣", "Infinity")],
)
def test_what_is_written_is_a_mark_or_none(run: Any, written: str, mark: float | None) -> None:
    assert run("cohort/judge.js", "markOf", written, 3) == mark


def test_messages_have_plural_forms_and_figures(run: Any) -> None:
    assert run("js/messages.js", "t", "practise.words", {"n": 1}) == "1 word"
    assert run("js/messages.js", "t", "practise.words", {"n": 1234}) == "1,234 words"
    assert run("js/messages.js", "percent", 0.857) == "86%"


def attempt(rubric: str, topic: str, at: str, coverage: float | None, missed: str) -> dict[str, Any]:
    points = [
        {"id": name, "statement": name, "weight": 1, "verdict": "missed" if name in missed else "covered"}
        for name in "abc"
    ]
    evaluation = {
        "status": "unscored" if coverage is None else "scored",
        "coverage": coverage,
        "key_points": points if coverage is not None else [],
        "misconceptions": [],
    }
    return {"rubric_id": rubric, "topic": topic, "question": rubric, "at": at, "evaluation": evaluation}


ATTEMPTS = [
    attempt("one", "x", "1", 0.2, "ab"),
    attempt("one", "x", "2", 0.6, "b"),
    attempt("two", "x", "3", 0.8, "c"),
    attempt("three", "y", "4", 0.3, "a"),
    attempt("four", "z", "5", None, ""),
]


def test_coverage_by_topic_takes_last_attempts_and_leaves_out_unscored_ones(run: Any) -> None:
    questions = run("practise/summary.js", "byQuestion", ATTEMPTS)
    rows = run("practise/summary.js", "byTopic", questions)
    assert [(row["topic"], row["questions"], round(row["coverage"], 3)) for row in rows] == [
        ("y", 1, 0.3),
        ("x", 2, 0.7),
    ]
    assert [row["before"] if row["before"] is None else round(row["before"], 3) for row in rows] == [None, 0.5]


def test_gaps_that_come_back_come_first(run: Any) -> None:
    gaps = run("practise/summary.js", "gaps", run("practise/summary.js", "byQuestion", ATTEMPTS))
    assert [(gap["rubric_id"], gap["statement"], gap["times"]) for gap in gaps] == [
        ("one", "b", 2),
        ("two", "c", 1),
        ("three", "a", 1),
    ]
