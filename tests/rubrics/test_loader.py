"""Files and texts: what is refused, and that the error says where."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rubrics import RubricError, load_bank, load_file, load_text
from rubrics.loader import Format

GOOD = """\
id: trees
topic: plants
question: Why do trees grow?
key_points:
  - id: light
    statement: They take in light.
    says:
      - light feeds them
  - They take up water.
levels:
  - {name: low, min_score: 0}
  - {name: high, min_score: 0.5}
"""


def refusal(text: str, format: Format = "yaml") -> str:
    with pytest.raises(RubricError) as caught:
        load_text(text, "t.yaml", format)
    return str(caught.value)


def test_good_text_loads() -> None:
    rubric = load_text(GOOD)
    assert [point.id for point in rubric.key_points] == ["light", "they-take-up-water"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("id: trees", "id: Trees", "t.yaml:1: id: must match pattern"),
        ("question: Why", "kwestion: Why", "t.yaml:3: kwestion: unknown key; did you mean 'question'?"),
        ("question: Why do trees grow?\n", "", "t.yaml:1: question: is required; add it"),
        ("- light feeds them", "- 12", "t.yaml:8: key_points[0].says[0]: must be text; quote it"),
        (
            "light feeds them",
            "no",
            "t.yaml:8: key_points[0].says[0]: must be text; quote it",
        ),
        ("light feeds them", "2024-01-01", "t.yaml:8: key_points[0].says[0]: YAML reads this as a timestamp; quote it"),
        ("- light feeds them", "-", "t.yaml:8: key_points[0].says[0]: must be text"),
        ("- They take up water.", "- {weight: -1}", "t.yaml:9: key_points[1].statement: is required"),
        ("- They take up water.", "- {statement: a, weight: -1}", "t.yaml:9: key_points[1].weight: must be greater"),
        ("- They take up water.", "- {statement: a, id: light}", "t.yaml:9: key_points[1].id: is already that of"),
        ("min_score: 0.5", "min_score: 0", "t.yaml:12: levels[1].min_score: must be above"),
        ("id: trees", "id: trees\nid: trees", "t.yaml:2: id: is here twice, first on line 1; keep one"),
        ("    says:", "    id: x\n    says:", "t.yaml:7: key_points[0].id: is here twice, first on line 5"),
        ("id: trees", "'': 1\n'': 2", "is here twice, first on line 1"),
        ("id: trees", "no: 1", "t.yaml:1: the key 'no' isn't text in YAML; quote it (got False)"),
        ("id: trees", "? [a]\n: b", "t.yaml:1: a list or mapping can't be a key"),
        ("id: trees", "<<: {id: trees}", "t.yaml:1: YAML reads this as a merge"),
        ("id: trees", "id: &a trees", "t.yaml:1: id: anchors and aliases (& and *) are refused; write the text out"),
        ("question: Why do trees grow?", "question: *a", "t.yaml:3: question: anchors and aliases"),
        ("id: trees", "id: !!python/name:os.system x", "t.yaml:1: id: tags are refused"),
        ("id: trees", "id: !custom x", "t.yaml:1: id: tags are refused"),
        ("id: trees", "--- \nid: a\n---\nid: trees", "t.yaml:3: holds several documents"),
        ("id: trees", "id: 'trees", "not valid YAML"),
        ("id: trees", "id: tr\0ees", "t.yaml:1: not valid YAML: control characters are not allowed"),
        ("question: Why", "question: a\ud800", "t.yaml:3: holds a lone surrogate"),
        ("id: trees", "x: " + "[" * 50 + "]" * 50, "t.yaml:1: x[0][0]: is nested more than 8 deep"),
        ("id: trees", "x: " + "[" * 200_000, "nested more than 8 deep"),
        ("id: trees", "version: " + "9" * 5000, "t.yaml:1: version: not a number that can be read"),
        ("id: trees", "version: 0b_", "t.yaml:1: version: not a number that can be read"),
    ],
)
def test_faults_name_line_and_path(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    assert expected in refusal(GOOD.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "\n# only a comment\n", "---\n"])
def test_empty_texts(text: str) -> None:
    assert "question and key_points" in refusal(text)


@pytest.mark.parametrize("text", ["- a\n- b\n", "word", "3", "null"])
def test_top_level_must_be_a_mapping(text: str) -> None:
    assert refusal(text).startswith("t.yaml:1: must be a mapping")


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    assert "t.yaml:1: a: anchors and aliases" in refusal(bomb)


JSON_GOOD = json.dumps({"question": "Why?", "key_points": ["Because."], "version": 1}, indent=2)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"version": 1', '"version": 0', "t.yaml:6: version: must be greater"),
        ('"version": 1', '"question": ""', "the key 'question' is here twice in one object"),
        ('"version": 1', '"version": NaN', "NaN is not a JSON number"),
        ('"version": 1', '"version": ', "t.yaml:7: not valid JSON: Expecting value"),
        ('"version": 1', '"version": ' + "9" * 5000, "not valid JSON"),
        ('"version": 1', '"version": ' + "[" * 100_000, "nested too deep"),
        ('"Why?"', '"\\ud800"', "question: must be valid Unicode text"),
        ("  ", "\t", None),
    ],
)
def test_json(old: str, new: str, expected: str | None) -> None:
    text = JSON_GOOD.replace(old, new)
    if expected is None:
        assert load_text(text, format="json").question == "Why?"
    else:
        assert expected in refusal(text, "json")


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "trees.yaml"
    path.write_text("\ufeff" + GOOD.replace("\n", "\r\n"), encoding="utf-8")
    assert load_file(path).id == "trees"
    as_json = tmp_path / "trees.JSON"
    as_json.write_text(JSON_GOOD.replace("  ", "\t"))
    assert load_file(str(as_json)).question == "Why?"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (GOOD.encode().replace(b"Why", b"W\xffy"), ":3: is not UTF-8; save the file as UTF-8 (got byte 0xff)"),
        (GOOD.encode("utf-16"), ":1: is not UTF-8"),
        (b"a: " + b"x" * 10_000_000, "is larger than 1,000,000 bytes"),
        (None, "can't be read: No such file or directory"),
    ],
)
def test_bad_files(tmp_path: Path, content: bytes | None, expected: str) -> None:
    path = tmp_path / "t.yaml"
    if content is not None:
        path.write_bytes(content)
    before = time.perf_counter()
    with pytest.raises(RubricError) as caught:
        load_file(path)
    assert str(path) in str(caught.value) and expected in str(caught.value)
    assert time.perf_counter() - before < 1


def test_odd_paths(tmp_path: Path) -> None:
    for path in (tmp_path, "a\0b"):
        with pytest.raises(RubricError, match="can't be read"):
            load_file(path)


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_bank_lists_the_faults_of_all_files(tmp_path: Path) -> None:
    write(tmp_path, "plants/trees.yaml", GOOD)
    write(tmp_path, "plants/shrubs.yaml", GOOD)
    write(tmp_path, "plants/bad.yaml", "question: 3\n")
    with pytest.raises(RubricError) as caught:
        load_bank(tmp_path)
    assert [(Path(problem.source).name, problem.path, problem.line) for problem in caught.value.problems] == [
        ("bad.yaml", "question", 1),
        ("bad.yaml", "key_points", 1),
        ("shrubs.yaml", "id", None),  # its name isn't its id
        ("trees.yaml", "id", None),  # shrubs.yaml has that id too
    ]


def test_bank_folder_is_the_topic(tmp_path: Path) -> None:
    write(tmp_path, "animals/trees.yaml", GOOD)
    with pytest.raises(RubricError, match=r"plants/trees\.yaml"):
        load_bank(tmp_path)


def test_bank_without_rubrics(tmp_path: Path) -> None:
    with pytest.raises(RubricError, match=r"holds no TOPIC/ID\.yaml"):
        load_bank(tmp_path)


KEYS = st.sampled_from(["question", "key_points", "id", "levels", "says", "statement", "no", "", "weight"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
YAMLISH = st.text(alphabet=st.sampled_from("abq:-?[]{}&*!|>'\"#,\n 0.~%@`<\t\\é\0\ud800"), max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | YAMLISH | VALUES.map(repr) | VALUES.map(json.dumps), st.sampled_from(["yaml", "json"]))
def test_no_text_raises_anything_but_rubric_error(text: str, format: Format) -> None:
    try:
        load_text(text, format=format)
    except RubricError as error:
        assert error.problems and str(error).encode()
