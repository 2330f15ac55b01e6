"""The Author room, as somebody uses it who writes rubrics."""

import re
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from rubrics import load_bank, load_text
from tests.web.author import SAMPLE, SECOND, VAGUE, opened, tab, tried
from tests.web.axe import Axe
from tests.web.test_design import assert_fits_a_phone

REFERENCE = (
    "Rain falls when drops in a cloud grow too heavy. Drops grow because vapour settles on dust. "
    "Warm air holds more vapour than cold air."
)


@pytest.fixture
def stored(service: str) -> str:
    """The id of a small rubric of one's own."""
    name = f"rain-{uuid4().hex[:8]}"
    rubric = {"id": name, "question": "Why does it rain?", "key_points": ["Drops in a cloud grow too heavy."]}
    httpx.post(f"{service}/v1/rubrics", json=rubric, timeout=60).raise_for_status()
    return name


def test_form_and_text_keep_in_step_and_outlive_a_reload(page: Page) -> None:
    text = opened(page).locator("#yaml")
    tab(page, "text")
    expect(page.locator("#publish")).to_have_attribute("aria-disabled", "true")
    page.locator(SECOND).fill("Bagging: its models vote #1.")
    expect(text).to_have_value(re.compile(r'statement: "Bagging: its models vote #1\."'))
    text.fill(text.input_value().replace("its models vote #1", "its models vote"))
    expect(page.locator(SECOND)).to_have_value("Bagging: its models vote.")
    page.reload()
    expect(page.locator(SECOND)).to_have_value("Bagging: its models vote.")
    expect(page.locator("#about")).to_contain_text("Changed since")
    page.get_by_role("button", name="Discard draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard draft").click()
    expect(page.locator(SECOND)).to_have_value(load_bank()["bagging-vs-boosting"].key_points[1].statement)


def test_a_text_that_is_no_rubric_stops_the_form_until_it_is_one(page: Page, axe: Axe) -> None:
    opened(page)
    tab(page, "text")
    page.locator("#yaml").fill("question: [")
    expect(page.locator("#unreadable")).to_contain_text("Line 2: not valid YAML")
    expect(page.locator("#form")).to_have_attribute("inert", "")
    tab(page, "found")
    expect(page.locator("#found")).to_contain_text("not valid YAML")
    page.reload()  # what was typed is still there, and still no rubric
    expect(page.locator("#unreadable")).to_be_visible()
    assert page.locator("#yaml").input_value() == "question: ["
    assert axe(page) == []
    page.get_by_role("button", name="Go back to what the form shows").click()
    assert load_text(page.locator("#yaml").input_value()) == load_bank()["bagging-vs-boosting"]


def test_findings_come_while_writing_and_lead_to_their_place(page: Page, axe: Axe) -> None:
    opened(page).locator(SECOND).fill(VAGUE)
    tab(page, "found")
    found = page.locator("#found li", has_text="“various”")
    expect(found).to_contain_text("Say what exactly")
    expect(page.locator(".bound", has=page.locator(SECOND))).to_contain_text("Say what exactly")
    assert_fits_a_phone(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    found.get_by_role("button", name="Go to the field").click()
    expect(page.locator(SECOND)).to_be_focused()
    found.get_by_role("button", name=re.compile("Go to line")).click()
    selected = "(e) => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert VAGUE in page.locator("#yaml").evaluate(selected)
    assert page.locator("#gutter .error").count() == 1
    assert axe(page) == []


def test_what_fits_is_put_in_from_the_keyboard(page: Page) -> None:
    opened(page, "/author/new")
    tab(page, "text")
    page.locator("#yaml").fill("")
    page.locator("#yaml").press_sequentially("ques")
    expect(page.locator("#proposals button")).to_have_text("question")
    page.keyboard.press("Control+Space")
    page.keyboard.press("Enter")
    page.keyboard.type("Why?\nkey_points: [It rains.]\nki")
    expect(page.locator("#proposals button")).to_have_text("kind")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    expect(page.locator('[data-path="key_points[0].statement"]')).to_have_value("It rains.")
    assert page.locator("#yaml").input_value() == "question: Why?\nkey_points: [It rains.]\n"


def test_samples_are_graded_and_explained_as_one_writes(page: Page, axe: Axe) -> None:
    tried(page)
    row = page.locator("#s-point-1")
    expect(row).to_contain_text("Covered")
    expect(page.locator("marked-answer mark", has_text="one after another").first).to_be_visible()
    cells = page.locator(".heat tbody tr").first.locator("button")
    assert int(cells.first.inner_text()) > 80
    cells.first.focus()
    expect(page.locator(".detail")).to_contain_text("Boosting trains its models one after another, each one correcting")
    page.keyboard.press("ArrowRight")
    expect(cells.nth(1)).to_be_focused()
    expect(page.locator(".detail .statement")).to_contain_text("2. ")
    page.get_by_role("button", name="Expect what the engine says").click()
    row.get_by_role("combobox").select_option("missed")
    expect(row).to_contain_text("differs")
    expect(page.locator("#panel-try")).to_contain_text("6 of 7 expected verdicts met")
    assert axe(page) == []
    page.locator('[data-path="key_points[0].statement"]').fill("Bananas are yellow when they are ripe.")
    page.locator('details[data-part="point-sequential-correction"] summary').click()
    for kind in ("says", "denies", "near"):
        page.locator(f'[data-path="key_points[0].{kind}"]').fill("")
    expect(row).to_contain_text("Missed")
    expect(row).to_contain_text("as expected")
    page.reload()
    expect(page.locator("#s-point-1 select")).to_have_value("missed")
    expect(page.locator("#sample")).to_have_value(SAMPLE)
    assert_fits_a_phone(page)


def test_a_model_answer_becomes_a_rubric_and_is_published(page: Page, service: str, axe: Axe) -> None:
    page.goto("/author")
    page.get_by_label("Question").fill(f"Why does it rain? {uuid4().hex[:8]}")
    page.get_by_role("textbox", name="Model answer").fill(REFERENCE)
    page.get_by_role("button", name="Make key points of it").dblclick()
    expect(page.locator("#form .part textarea").first).to_have_value("Rain falls when drops in a cloud grow too heavy.")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Publish anyway").click()
    page.wait_for_url("**/author/edit/why-does-it-rain*")
    expect(page.locator("#about")).to_contain_text("Version 1")
    rubric = httpx.get(f"{service}/v1/rubrics/{page.url.rpartition('/')[2]}", timeout=60).json()["rubric"]
    assert [point["statement"] for point in rubric["key_points"]][1:] == [
        "Drops grow because vapour settles on dust.",
        "Warm air holds more vapour than cold air.",
    ]
    page.goto("/author")
    expect(page.locator("#drafts")).to_be_hidden()
    assert axe(page) == []


def publish(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Publish version")).click()
    page.get_by_role("dialog").get_by_role("button", name="Publish anyway").click()


def test_an_edit_is_a_version_and_nobodys_is_lost(page: Page, service: str, stored: str, axe: Axe) -> None:
    opened(page, f"/author/edit/{stored}")
    page.locator('[data-path="key_points[0].statement"]').fill("Drops in a cloud grow too heavy to float.")
    tab(page, "past")
    expect(page.locator(".changed ins")).to_contain_text("heavy to float.")
    assert axe(page) == []
    address = f"{service}/v1/rubrics/{stored}"
    theirs = httpx.get(address, timeout=60).json()["rubric"] | {"topic": "weather"}
    httpx.put(address, json=theirs, headers={"if-match": "*"}, timeout=60).raise_for_status()
    tab(page, "found")
    expect(page.locator("#found li").first).to_be_visible()
    publish(page)
    expect(page.locator("#problem")).to_contain_text("Version 2 was published since you began")
    page.get_by_role("button", name="See what changed").click()
    expect(page.locator(".changed")).to_contain_text("Topic")
    page.get_by_role("button", name="Publish mine over version 2").click()
    publish(page)
    expect(page.locator("#about")).to_contain_text("Version 3")
    page.get_by_role("button", name="Use version 1 as the draft").click()
    expect(page.locator('[data-path="key_points[0].statement"]')).to_have_value("Drops in a cloud grow too heavy.")
    versions = httpx.get(f"{address}/versions", timeout=60).json()["items"]
    assert [one["version"] for one in versions] == [3, 2, 1]


def test_rubrics_go_out_as_files_and_come_back(page: Page, tmp_path: Path) -> None:
    opened(page)
    saved: dict[str, Path] = {}
    for kind in ("yaml", "json"):
        with page.expect_download() as caught:
            page.locator(f"#save-{kind}").click()
        saved[kind] = tmp_path / caught.value.suggested_filename
        caught.value.save_as(saved[kind])
    rubric = load_bank()["bagging-vs-boosting"]
    assert load_text(saved["yaml"].read_text()) == load_text(saved["json"].read_text(), format="json") == rubric
    page.goto("/author")
    page.locator("#import").set_input_files(saved["json"])
    page.wait_for_url("**/author/new?draft=*")
    expect(page.locator(SECOND)).to_have_value(rubric.key_points[1].statement)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#problem")).to_contain_text("There is a rubric with this id already")
    page.goto("/author")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    page.locator("#import").set_input_files(broken)
    expect(page.get_by_role("alert").filter(has_text="not valid JSON")).to_be_visible()


def test_without_the_service_nothing_is_lost(page: Page, stored: str) -> None:
    opened(page, f"/author/edit/{stored}")
    page.context.set_offline(True)
    page.locator('[data-path="question"]').fill("Why does it snow?")
    publish(page)
    expect(page.locator("#problem")).to_contain_text("can't be reached")
    page.context.set_offline(False)
    page.reload()
    expect(page.locator('[data-path="question"]')).to_have_value("Why does it snow?")


def test_there_is_no_such_rubric(page: Page) -> None:
    page.goto("/author/edit/no-such-rubric")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such rubric")


def test_tabs_are_chosen_with_the_arrows(page: Page) -> None:
    opened(page)
    tab(page, "text")
    for key, panel in (("ArrowRight", "found"), ("End", "past"), ("ArrowRight", "text")):
        page.keyboard.press(key)
        expect(page.locator(f"#panel-{panel}")).to_be_visible()
        expect(page.locator(f"#tab-{panel}")).to_be_focused()
    expect(page.locator("#panel-past")).to_be_hidden()
