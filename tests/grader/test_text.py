from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import AnswerInvalid
from grader.text import check, clauses, sentences, trimmed, words


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in pairwise([*clauses(text).starts, len(text)])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One. ", "Two."]),
        ("It shrinks weights, which helps", ["It shrinks weights, ", "which helps"]),
        ("fast but wrong", ["fast ", "but wrong"]),
        ("use e.g. a tree. Then stop", ["use e.g. a tree. ", "Then stop"]),
        ("pi is 3.14 here", ["pi is 3.14 here"]),
        ("line one\r\nline two", ["line one\r\n", "line two"]),
        ("", [""]),
    ],
)
def test_clauses(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_sentences_are_trimmed() -> None:
    assert sentences("First, then.  Second!\n\nThird") == ["First, then.", "Second!", "Third"]


@given(st.text(max_size=300))
def test_clauses_cover_any_text_end_to_end(text: str) -> None:
    cut = clauses(text)
    assert "".join(pieces(text)) == text
    assert list(cut.starts) == sorted(set(cut.starts)) and cut.starts[0] == 0
    assert cut.sentences[0] == 0 and set(cut.sentences) <= set(range(len(cut.starts)))


def test_words_fold_case_and_compatibility_forms() -> None:
    assert words("Don’t ﬁt the Straße, PCA-2") == ("don’t", "fit", "the", "strasse", "pca", "2")


def test_trimmed_keeps_the_offsets_of_the_text() -> None:
    text = "  , so it goes —  "
    start, end = trimmed(text, 0, len(text))
    assert text[start:end] == "so it goes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\0b", r"null character \(U\+0000\) at character 1"),
        ("ab\ud800", r"lone surrogate \(U\+D800\) at character 2"),
        ("x" * 11, "has 11 characters, 10 are allowed.*GRADER_MAX_ANSWER_CHARS"),
    ],
)
def test_refused_text_is_named(text: str, message: str) -> None:
    with pytest.raises(AnswerInvalid, match=message):
        check(text, 10)
    check("fine 😀", 10)
