"""Every page: nobody is kept out of it, it is small, and it fits a phone."""

import pytest
from playwright.sync_api import Page

from api.web.pages import PAGES
from tests.web.axe import Axe

BUDGET_BYTES = 150_000  # compressed, everything that the first load takes
BUDGET_REQUESTS = 30
# Where a page's address has a part that varies, one that exists.
ADDRESSES = [page.path.replace("{rubric_id}", "bagging-vs-boosting") for page in PAGES]
SIZES = """() => [performance.getEntriesByType("navigation")[0], ...performance.getEntriesByType("resource")]
    .map((entry) => [new URL(entry.name).host, entry.encodedBodySize + 300])"""


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_keeps_people_out(page: Page, axe: Axe, address: str) -> None:
    assert axe(opened(page, address)) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_first_load_is_small_and_asks_no_other_host(page: Page, service: str, address: str) -> None:
    loaded = opened(page, address).evaluate(SIZES)
    assert {host for host, _ in loaded} == {service.removeprefix("http://")}
    assert sum(size for _, size in loaded) < BUDGET_BYTES
    assert len(loaded) <= BUDGET_REQUESTS


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_phone_scrolls_in_one_direction_only(page: Page, address: str, direction: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    opened(page, address).evaluate("(direction) => { document.documentElement.dir = direction }", direction)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
