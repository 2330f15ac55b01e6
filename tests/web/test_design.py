"""Every page: nobody is kept out of it, it is small, and it fits a phone."""

import pytest
from playwright.sync_api import Page, expect

from api.web.pages import PAGES
from tests.web.author import EDITOR
from tests.web.axe import Axe
from tests.web.candidate import FIRST, QUESTION, answered, hand_in, improved

BUDGET_BYTES = 150_000  # compressed, everything that the first load takes, answers of the API included
BUDGET_REQUESTS = 32
HEADERS = 300  # bytes, about, of each answer
EXAMPLES = {
    "/questions": "/questions?topic=ensembles",
    "/practise/{rubric_id}": QUESTION,
    "/author/edit/{rubric_id}": EDITOR,
}
ADDRESSES = [EXAMPLES.get(page.path, page.path) for page in PAGES]
LOADED = """() => [performance.getEntriesByType("navigation")[0], ...performance.getEntriesByType("resource")]
    .map((entry) => [new URL(entry.name).host, entry.encodedBodySize])"""


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page


def assert_fits_a_phone(page: Page) -> None:
    """320 CSS pixels, which is also 1280 at four times the size; written from left to right and the other way round."""
    page.set_viewport_size({"width": 320, "height": 640})
    for direction in ("rtl", "ltr"):
        page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_first_load_is_small_and_asks_no_other_host(page: Page, service: str, address: str) -> None:
    loaded = opened(page, address).evaluate(LOADED)
    assert {host for host, _ in loaded} == {service.removeprefix("http://")}
    assert sum(size + HEADERS for _, size in loaded) < BUDGET_BYTES
    assert len(loaded) <= BUDGET_REQUESTS


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_keeps_nobody_out(page: Page, axe: Axe, address: str) -> None:
    assert axe(opened(page, address)) == []
    assert_fits_a_phone(page)


def test_results_keep_nobody_out(page: Page, axe: Axe) -> None:
    answered(page, FIRST)
    improved(page)
    page.locator(".follow-up textarea").fill("Bagging, because it averages variance away.")
    page.locator(".follow-up .primary").click()
    expect(page.locator(".follow-up marked-answer")).to_be_visible()
    page.locator("mark").first.click()
    assert axe(page) == []
    assert_fits_a_phone(page)


def test_what_goes_on_and_what_was_done_keep_nobody_out(page: Page, axe: Axe) -> None:
    answered(page, FIRST)
    page.get_by_role("button", name="Improve it").click()
    assert axe(page) == []
    page.locator("#text").fill("Nothing of it.")
    hand_in(page)
    page.goto("/session")
    expect(page.locator("#next a").first).to_be_visible()
    assert axe(page) == []
    assert_fits_a_phone(page)
    page.get_by_role("button", name="Delete everything").click()
    assert axe(page) == []


def test_trouble_keeps_nobody_out(page: Page, axe: Axe) -> None:
    page.route("**/v1/evaluations", lambda route: route.abort())
    page.goto(QUESTION)
    page.locator("#text").fill(FIRST)
    page.locator("#submit").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.evaluate(
        "import(performance.getEntriesByType('resource').find((e) => e.name.endsWith('toast.js')).name)"
        ".then((m) => ['info', 'bad'].forEach((kind) => m.toast('A notice.', { kind, stays: true })))"
    )
    assert axe(page) == []
    assert_fits_a_phone(page)
