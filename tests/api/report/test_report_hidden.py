"""Names hidden: nobody's name, key or own columns are anywhere, and a pseudonym is one person throughout."""

import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from api.report import Report, build, hidden, to_html, to_json, to_xlsx
from api.report.blot import Secrets, blot
from grader.model import Flag
from tests.api.report.cohorts import embed, graded, rubric

BAGS, NETS = rubric("bags"), rubric("nets")
TEXT = (
    "I am Zoë Quux, student q-77123, zoe.quux@example.org, group Kilo. Trees vote together and every tree has seen "
    "another random sample of the rows. Ask Bertram Oldham about it."
)
COLUMNS = (("email", "zoe.quux@example.org"), ("group", "Kilo"), ("essay", TEXT))
TELLING = ("Zoë", "Quux", "zoe", "quux", "77123", "example.org", "Kilo", "Bertram", "Oldham", "essay", "email")


@pytest.fixture
def report() -> Report:
    said = "I am Zoë Quux"
    return build(
        [
            graded(
                "Zoë Quux", BAGS, "pm", TEXT, key="q-77123", columns=COLUMNS, quotes={"p1": said}, wrong=said,
                feedback=f"You said: “{said}”.", review=("instructions",), flags=(Flag("instructions", f"“{said}”"),),
            ),
            graded("Bertram Oldham", BAGS, "mm", TEXT, key="Oldham's"),
            graded("Zoë Quux", NETS, "mm", key="q-77124", columns=COLUMNS),
            graded("Bertram Oldham", NETS, "cc", key="Oldham's second"),
        ],
        {"bags": BAGS, "nets": NETS},
        embed,
    )  # fmt: skip


def test_the_page_has_no_names(report: Report) -> None:
    shown, page = to_html(report), to_html(report, hide_names=True)
    for word in TELLING:
        assert word not in page
    assert "Zoë Quux" in shown
    assert "zoe.quux@example.org" in shown
    assert page.count("Candidate 01") > 5


def test_json_has_no_names(report: Report) -> None:
    text = json.dumps(to_json(report, hide_names=True), ensure_ascii=False)
    for word in TELLING:
        assert word not in text
    assert "Quux" in json.dumps(to_json(report))


def test_the_workbook_has_no_names(report: Report, tmp_path: Path) -> None:
    to_xlsx(report, tmp_path / "report.xlsx", hide_names=True)
    book = CalamineWorkbook.from_path(tmp_path / "report.xlsx")
    text = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    for word in TELLING:
        assert word not in text


def test_a_pseudonym_is_one_person(report: Report) -> None:
    made = hidden(report)
    for candidate, one in enumerate(made.candidates):
        assert {made.answers[at].candidate for at in one.answers} == {candidate}
        assert {made.answers[at].graded.item.candidate for at in one.answers} == {one.name}
    coverages = {one.coverage for one in report.candidates}
    assert {one.coverage for one in made.candidates} == coverages
    assert [one.answer for one in made.reviews] == [
        at for at, one in enumerate(made.answers) if one.graded.evaluation.needs_review
    ]


def test_pseudonyms_do_not_follow_the_file(report: Report) -> None:
    answers = [one.graded for one in report.answers]
    rubrics = {"bags": BAGS, "nets": NETS}
    there, back = (hidden(build(some, rubrics, embed)) for some in (answers, answers[2:] + answers[:2]))
    assert [one.coverage for one in there.candidates] == [one.coverage for one in back.candidates]


def test_offsets_stay_true(report: Report) -> None:
    spans = [
        (one.graded.item.answer[span.start : span.end], span.quote)
        for one in hidden(report).answers
        for result in (*one.graded.evaluation.key_points, *one.graded.evaluation.misconceptions)
        for span in result.evidence
    ]
    assert spans == [("I am ████████", "I am ████████")] * 2


@pytest.mark.parametrize(
    ("secret", "text", "left"),
    [
        ("Anna Li", "I'm anna-li, hi", "I'm ███████, hi"),
        ("anna.li@x.org", "write to Anna.Li@x.org!", "write to █████████████!"),
        ("王伟", "我是王伟。", "我是██。"),
        ("André", "Andre\u0301 here", "██████ here"),
        ("Ann", "annealing", "annealing"),
        ("7", "7 trees", "7 trees"),
        ("B", "class B", "class B"),
        ("20417", "my number is 20417", "my number is █████"),
        ("--", "a -- b", "a -- b"),
    ],
)
def test_blotting(secret: str, text: str, left: str) -> None:
    assert blot(text, [Secrets.of([secret], fold=True)]) == left


def test_letter_case_tells_a_name_from_a_word() -> None:
    assert blot("Will it rain, as will said", [Secrets.of(["Will"], fold=False)]) == "████ it rain, as will said"
