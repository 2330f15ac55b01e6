"""The page, the workbook and the JSON: whole, safe, and the same."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from api.report import Report, build, heat, to_html, to_json, to_xlsx
from api.report.heat import blocks
from api.report.plots import plots
from api.report.xlsx import plain
from api.routes.batch_results import REPORT_SCHEMA
from grader.batch.model import Graded
from grader.batch.outputs import CELL
from rubrics.model import KeyPoint, Rubric
from tests.api.report.cohorts import embed, graded, rubric

BAGS, NETS = rubric("bags"), rubric("nets", points=3)
EVIL = '</q></script><script>alert("x")</script><img src=//evil.example/x onerror=alert(1)> {{ 7*7 }} \x1b[31m\u202e'
FULL = graded("Ann", BAGS, "cc")


class Page(HTMLParser):
    """Tags with attributes, and visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def made(*answers: Graded) -> Report:
    return build(answers, {"bags": BAGS, "nets": NETS}, embed)


@pytest.fixture(scope="module")
def report() -> Report:
    return made(
        graded("Ann", BAGS, "cp", "Bags hold. Nets too.", quotes={"p2": "Nets too"}, columns=(("class", "10b"),)),
        graded("Ann", NETS, "", text=" "),
        graded("Bob", BAGS, "mx", EVIL, wrong="alert", review=("uncertain: p1",), feedback=EVIL),
        graded("=cmd()", NETS, "cmx", "=1+1"),
        graded("Dan", BAGS, "mm"),
    )


def test_what_people_wrote_is_never_markup(report: Report) -> None:
    page = Page(to_html(report))
    assert "script" not in {tag for tag, _ in page.tags}
    assert "img" not in {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert '<script>alert("x")</script>' in page.text
    assert "{{ 7*7 }}" in page.text
    assert "\x1b" not in page.text


def test_a_rubric_cannot_write_markup_either() -> None:
    evil = Rubric(EVIL[:60], EVIL, (KeyPoint("<b>", EVIL), KeyPoint("$\\frac{", "x")))
    page = Page(to_html(build([graded("Ann", _with_misconception(evil), "mm")], {evil.id: evil}, embed)))
    assert {"script", "img", "b"} & {tag for tag, _ in page.tags} <= {"b"}
    assert "$\\frac{" in page.text


def _with_misconception(some: Rubric) -> Rubric:
    return Rubric(some.id, some.question, some.key_points, misconceptions=BAGS.misconceptions)


def test_the_page_asks_nobody_for_anything(report: Report) -> None:
    page = to_html(report)
    policy = next(one for tag, one in Page(page).tags if one.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'; style-src 'unsafe-inline'")
    for _, attributes in Page(page).tags:
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            assert (attributes.get(name) or "#").startswith("#"), attributes
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert not re.search(r"url\((?!#)", page)


def test_links_lead_somewhere(report: Report) -> None:
    tags = Page(to_html(report)).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {(attributes.get("href") or "#")[1:] for tag, attributes in tags if tag == "a"}
    assert links <= set(ids)


def test_every_plot_has_a_table(report: Report) -> None:
    page = to_html(report)
    tags = [tag for tag, attributes in Page(page).tags if tag == "svg" or tag == "details"]
    assert tags.count("svg") == 4
    for part in page.split("<svg")[1:]:
        after = part[part.index("</svg>") :]
        assert re.match(r"</svg>\s*<details[^>]*><summary>Table", after)


def test_signs_tell_verdicts_apart_without_colour(report: Report) -> None:
    assert len(set(heat.CLASSES)) == len(set(heat.CLASSES.values())) == 6
    rows = {report.candidates[row.candidate].name: row.signs for row in blocks(report)[0].rows}
    assert rows == {
        "Ann": ("✓", "◐", "–", "–", "–"),
        "Bob": ("○", "✗", "", "", ""),
        "=cmd()": ("", "", "✓", "○", "✗"),
        "Dan": ("○", "○", "", "", ""),
    }


def test_wide_heat_maps_are_broken_between_items() -> None:
    many = {f"r{n}": rubric(f"r{n}", 15) for n in range(5)}
    found = blocks(build([graded("Ann", one, "c" * 15) for one in many.values()], many, embed))
    assert [[item.rubric.id for item in block.items] for block in found] == [["r0", "r1"], ["r2", "r3"], ["r4"]]


def test_unscored_is_shown_as_unscored(report: Report) -> None:
    page = to_html(report)
    assert "unscored: blank: the answer has no words" in page
    assert page.count("blank: the answer has no words") >= 2


def test_json_is_as_described(report: Report) -> None:
    written = to_json(report)
    described = REPORT_SCHEMA["properties"]
    assert set(REPORT_SCHEMA["required"]) <= set(described) <= set(written)
    kinds = {"array": list, "boolean": bool, "integer": int}
    assert all(isinstance(written[name], kinds[part["type"]]) for name, part in described.items())


def test_likeness_is_no_accusation(report: Report) -> None:
    text = "Trees vote together and every tree has seen another random sample of the rows here"
    page = Page(to_html(made(graded("Ann", BAGS, "cc", text), graded("Bob", BAGS, "cc", text)))).text.casefold()
    assert "look at these together" in page
    assert "the likeness alone proves nothing" in page
    for word in ("plagiar", "cheat", "copied", "suspic", "collu"):
        assert word not in page


@pytest.mark.parametrize(
    "answers",
    [(), (graded("Ann", BAGS, ""),), (FULL,), (FULL, graded("Bob", BAGS, "cc"))],
    ids=["nobody", "nothing scored", "one candidate", "constant"],
)
def test_small_cohorts_make_every_output(answers: tuple[Graded, ...], tmp_path: Path) -> None:
    found = made(*answers)
    page = to_html(found)
    assert not re.search(r"\bnan\b|\bNone\b(?! of the)", Page(page).text)
    json.dumps(to_json(found), allow_nan=False)
    to_xlsx(found, tmp_path / "report.xlsx")
    assert set(plots(found)) <= {"answers", "items", "missed"}


def test_json_has_everything(report: Report) -> None:
    value = json.loads(json.dumps(to_json(report), allow_nan=False))
    assert [one["name"] for one in value["candidates"]] == ["Ann", "Bob", "=cmd()", "Dan"]
    assert value["answers"][1]["coverage"] is None
    assert value["answers"][1]["status"] == "unscored"
    assert value["answers"][0]["columns"] == [{"name": "class", "value": "10b"}]
    assert value["answers"][2]["answer"] == EVIL
    assert value["reliability"]["value"] is None
    assert value["reliability"]["meaning"].startswith("Can't be told")
    (quote,) = (quote for one in value["misconceptions"] for quote in one["quotes"])
    assert value["answers"][quote["answer"]]["answer"][quote["start"] : quote["end"]] == quote["quote"]


def test_the_workbook_has_everything(report: Report, tmp_path: Path) -> None:
    to_xlsx(report, tmp_path / "report.xlsx")
    book = CalamineWorkbook.from_path(tmp_path / "report.xlsx")
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert len(sheets) == 12
    answers = [dict(zip(sheets["Answers"][0], row, strict=True)) for row in sheets["Answers"][1:]]
    assert [one["candidate"] for one in answers] == ["Ann", "Ann", "Bob", "'=cmd()", "Dan"]
    assert (answers[1]["coverage"], answers[1]["status"]) == ("", "unscored: blank: the answer has no words")
    assert answers[3]["answer"] == "'=1+1"
    assert answers[0]["class"] == "10b"
    assert sheets["Heat map"][1][2:] == ["covered", "partial", "unscored", "unscored", "unscored"]
    assert all(len(row) == len(rows[0]) for rows in sheets.values() for row in rows)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert plain(text).startswith("'")


def test_a_cell_that_is_cut_says_so() -> None:
    assert plain("x" * CELL) == "x" * CELL
    cut = plain("😀" * CELL)
    assert len(cut.encode("utf-16-le")) <= 2 * CELL
    assert cut.endswith("the JSON report has all 32,767 characters]")
