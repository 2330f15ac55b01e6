"""The Cohort room, as a teacher uses it: a file, its columns, its problems, progress, the report, one candidate."""

import csv
import io
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import Axe
from tests.web.cohorts import QUESTION, RIGHT, ROWS, as_csv, enlarged, graded, report
from tests.web.test_design import assert_fits_a_phone

BAD = [["eve", "no-such-question", "Something.", "North"], ["eve", "ab-testing", "", "North"]]


@pytest.fixture(scope="module")
def batch(service: str, browser: Browser) -> dict[str, Any]:
    """A graded cohort of four candidates; the browser is asked for so that its absence leaves this out, too."""
    return graded(service, as_csv([*ROWS, *BAD]))


@pytest.fixture(scope="module")
def small(service: str, batch: dict[str, Any]) -> dict[str, Any]:
    return report(service, batch["id"])


@pytest.fixture
def opened(page: Page, batch: dict[str, Any], small: dict[str, Any]) -> Iterator[Page]:
    """The cohort's page with its report, which is made once for all tests."""
    page.route("**/report?format=json&hide_names=false", lambda route: route.fulfill(json=small))
    page.goto(f"/cohort/{batch['id']}")
    expect(page.get_by_role("heading", name="At a glance")).to_be_visible()
    yield page


def choose(page: Page, content: bytes, name: str = "class.csv") -> None:
    page.goto("/cohort")
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    expect(page.get_by_role("heading", name="What the columns hold")).to_be_focused()


def test_a_file_is_looked_at_checked_and_graded(page: Page, axe: Axe) -> None:
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    choose(page, as_csv([*ROWS, *BAD]))
    expect(page.get_by_label("What student holds")).to_have_value("candidate")
    expect(page.get_by_label("What answer holds")).to_have_value("answer")
    expect(page.get_by_label("What school holds")).to_have_value("own")
    expect(page.locator("#mapping")).to_contain_text("no-such-question")
    page.get_by_role("button", name="Check the file").dblclick()
    expect(page.get_by_role("heading", name="What can be graded")).to_be_focused()
    expect(page.get_by_text("6 answers can be graded.")).to_be_visible()
    problems = page.locator(".problems tbody tr")
    expect(problems).to_have_count(2)
    expect(problems.nth(0)).to_contain_text("8")
    expect(problems.nth(0)).to_contain_text("no-such-question")
    assert axe(page) == []
    assert_fits_a_phone(page)
    page.get_by_role("button", name="Grade 6 answers").dblclick()
    page.wait_for_url("**/cohort/*-*")
    assert len([url for url in posted if url.endswith("/v1/batches")]) == 2  # once dry, once for good
    expect(page.get_by_role("heading", name="class.csv")).to_be_visible()
    expect(page.locator("#about")).to_contain_text("Graded")
    page.get_by_text("2 couldn't be graded").click()
    expect(page.locator(".problems tbody tr")).to_have_count(2)


def test_columns_that_nobody_can_guess_are_asked_for(page: Page) -> None:
    choose(page, as_csv([["ann", RIGHT]], ("who", "what")))
    expect(page.get_by_text("don't tell which question")).to_be_visible()
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#mapping-fault")).to_have_text("No column holds the answers yet. Choose one.")
    page.get_by_label("What what holds").select_option("The answer")
    page.get_by_label("What who holds").select_option("Who answered")
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#fixed")).to_be_focused()
    page.locator("#fixed").fill("bagging-vs-boosting")
    expect(page.locator("#fixed-hint")).to_have_text(QUESTION)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("1 answer can be graded.")).to_be_visible()


def test_one_person_a_row_can_be_told(page: Page) -> None:
    choose(page, as_csv([["ann", RIGHT, "At random."]], ("name", "one", "two")))
    page.get_by_label("What name holds").select_option("Who answered")
    for column in ("one", "two"):
        page.get_by_label(f"What {column} holds").select_option("The answers to one question")
    page.locator("#question-1").fill("bagging-vs-boosting")
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#mapping-fault")).to_contain_text("“two”")
    expect(page.locator("#question-2")).to_be_focused()
    page.locator("#question-2").fill("ab-testing")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("2 answers can be graded.")).to_be_visible()


def test_what_is_no_file_of_answers_is_told_in_words(page: Page) -> None:
    page.goto("/cohort")
    page.locator("#file").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    expect(page.get_by_role("alert").first).to_contain_text("is a PDF: give the answers as")
    page.route("**/v1/batches:preview", lambda route: route.abort())
    page.locator("#file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": as_csv(ROWS)})
    expect(page.get_by_role("alert").first).to_contain_text("can't be reached")
    page.unroute("**/v1/batches:preview")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="What the columns hold")).to_be_focused()


def test_the_example_shows_what_can_be_read_and_what_cant(page: Page) -> None:
    page.goto("/cohort")
    page.get_by_role("button", name="Take an example").click()
    expect(page.get_by_label("What question holds")).to_have_value("rubric")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("44 answers can be graded.")).to_be_visible()
    expect(page.locator(".problems tbody tr")).to_have_count(2)


def event(batch: dict[str, Any], **change: Any) -> str:
    return f"event: batch\ndata: {json.dumps(batch | change)}\n\n"


def going(batch: dict[str, Any], done: int) -> dict[str, Any]:
    counts = {"items": 6, "waiting": 6 - done, "graded": done, "failed": 0, "bad_rows": 2}
    return batch | {"state": "grading", "counts": counts, "answers_per_second": 2.0, "finished_at": None}


def test_progress_is_told_as_it_happens(page: Page, batch: dict[str, Any], small: dict[str, Any]) -> None:
    """Who asks hears forever that nothing is graded: only the stream says that it is done."""
    page.route(f"**/v1/batches/{batch['id']}", lambda route: route.fulfill(json=going(batch, 0)))
    told = event(going(batch, 3)) + ": nothing new\n\n" + event(batch)
    page.route("**/events", lambda route: route.fulfill(content_type="text/event-stream", body=told))
    page.route("**/report?*", lambda route: route.fulfill(json=small))
    page.goto(f"/cohort/{batch['id']}")
    expect(page.get_by_role("heading", name="At a glance")).to_be_visible()


def test_progress_is_asked_for_where_it_isnt_told(
    page: Page, batch: dict[str, Any], small: dict[str, Any], axe: Axe
) -> None:
    states = [going(batch, 0), going(batch, 3)]  # the last one until something else is put there
    page.route("**/events", lambda route: route.abort())
    page.route("**/report?*", lambda route: route.fulfill(json=small))
    page.route(
        f"**/v1/batches/{batch['id']}", lambda route: route.fulfill(json=states.pop(0) if states[1:] else states[0])
    )
    page.goto(f"/cohort/{batch['id']}")
    expect(page.get_by_text("3 of 6 answers graded (50%)")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "50")
    assert axe(page) == []
    states[:] = [batch]
    expect(page.get_by_role("heading", name="At a glance")).to_be_visible()
    expect(page.locator("#going")).to_be_hidden()


def test_the_report_is_read_sorted_and_left_again(opened: Page, small: dict[str, Any]) -> None:
    page = opened
    first = page.locator(".items tbody tr .question").first
    hardest = min(small["items"], key=lambda item: item["difficulty"]["value"])["question"]
    page.get_by_role("button", name="Difficulty").click()
    expect(first).to_have_text(hardest)
    page.get_by_role("button", name="Difficulty").click()
    expect(first).not_to_have_text(hardest)
    expect(page.locator("#together")).to_contain_text("proves nothing")
    expect(page.locator("#together blockquote")).to_have_count(2)
    expect(page.locator("#missed .cards > li").first).to_be_visible()
    figures = page.locator("#glance figure").first
    figures.get_by_text("As a table").click()
    expect(figures.locator("tbody tr")).to_have_count(10)
    page.locator("#together a", has_text="dan").click()
    expect(page.locator(".candidate h2").first).to_be_focused()
    expect(page.locator("h1").filter(visible=True)).to_have_text("dan")
    expect(page.locator("marked-answer mark").first).to_be_visible()
    page.reload()
    expect(page.locator("h1").filter(visible=True)).to_have_text("dan")
    page.go_back()
    expect(page.get_by_role("heading", name="At a glance")).to_be_visible()


def test_what_candidates_wrote_stays_text(opened: Page) -> None:
    opened.goto(opened.url.split("#")[0] + "#candidate-2")
    expect(opened.locator("marked-answer")).to_contain_text("<img src=x onerror=alert(1)>")
    assert opened.locator("main img, main b").count() == 0


def test_the_map_is_worked_by_keyboard_and_has_a_table_behind_it(opened: Page, small: dict[str, Any]) -> None:
    page = opened
    page.get_by_label("Order").select_option("Name")
    heat = page.get_by_role("group", name="Heat map of 4 candidates")
    heat.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    readout = page.locator(".readout")
    expect(readout).to_contain_text("ben")
    expect(readout).to_contain_text(small["items"][0]["key_points"][1]["statement"])
    page.keyboard.press("Enter")
    expect(page.locator("h1").filter(visible=True)).to_have_text("ben")
    page.go_back()
    page.locator("#map").get_by_text("As a table").click()
    rows = page.locator("#map tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("ben")
    page.get_by_label("Find a candidate").fill("an")
    expect(rows).to_have_count(2)


def test_a_report_keeps_nobody_out(opened: Page, axe: Axe) -> None:
    for details in opened.locator("details").all():
        details.evaluate("(one) => { one.open = true }")
    assert axe(opened) == []
    assert_fits_a_phone(opened)
    opened.goto(opened.url.split("#")[0] + "#candidate-1-0")
    expect(opened.locator(".candidate")).to_be_visible()
    assert axe(opened) == []
    assert_fits_a_phone(opened)


def test_names_can_be_hidden(page: Page, batch: dict[str, Any]) -> None:
    page.goto(f"/cohort/{batch['id']}?names=hidden")
    expect(page.get_by_label("Hide names")).to_be_checked()
    expect(page.locator("#together blockquote")).to_have_count(2)
    assert not {"ann", "ben", "cat", "dan"} & set(page.locator("main").inner_text().lower().split())


def test_results_and_reports_are_downloaded(opened: Page) -> None:
    with opened.expect_download() as caught:
        opened.locator("#downloads").get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(caught.value.path()).read_text("utf-8-sig"))))
    assert [row["candidate"] for row in rows] == [row[0] for row in ROWS]
    opened.route("**/results?format=parquet", lambda route: route.abort())
    opened.locator("#downloads").get_by_role("button", name="Parquet").click()
    expect(opened.locator(".toast.bad")).to_contain_text("can't be reached")


@pytest.mark.parametrize("name", [str(uuid.uuid4()), "nothing"])
def test_a_cohort_that_isnt_there_says_so(page: Page, name: str) -> None:
    page.goto(f"/cohort/{name}")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such cohort")


def test_five_hundred_candidates_and_twenty_questions(page: Page, batch: dict[str, Any], small: dict[str, Any]) -> None:
    large = enlarged(small, 500, 20)
    page.route("**/report?*", lambda route: route.fulfill(json=large))
    page.goto(f"/cohort/{batch['id']}")
    heat = page.get_by_role("group", name="Heat map of 500 candidates")
    heat.focus()
    page.keyboard.press("End")
    for _ in range(40):
        page.keyboard.press("PageDown")
    expect(page.locator(".readout")).to_contain_text("question 20")
    assert heat.evaluate("(map) => map.scrollTop + map.clientHeight >= map.scrollHeight - 2")
    frames = heat.evaluate(FRAMES)
    assert len(frames) == 60
    assert heat.evaluate("(map) => map.querySelectorAll('*').length") < 10  # drawn, not built
    page.get_by_label("Find a candidate").fill("candidate 499")
    expect(page.get_by_text("1 candidate", exact=True)).to_be_visible()


# How long it takes to draw each of 60 frames while the map is scrolled from corner to corner, in milliseconds.
FRAMES = """async (map) => {
    const taken = [];
    for (let step = 0; step < 60; step += 1) {
        map.scrollTo(map.scrollWidth * step / 60, map.scrollHeight * step / 60);
        await new Promise(requestAnimationFrame);
        const start = performance.now();
        map.draw();
        taken.push(performance.now() - start);
    }
    return taken;
}"""
