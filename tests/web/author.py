"""What somebody does on the page who writes rubrics, for tests."""

from playwright.sync_api import Page, expect

EDITOR = "/author/edit/bagging-vs-boosting"
SECOND = '[data-path="key_points[1].statement"]'
VAGUE = "Bagging has various benefits over one model."
SAMPLE = (
    "😀 Boosting trains its models one after another, each one correcting the errors of those before it.\n\n"
    "Bagging brings the bias down, boosting the variance."
)


def opened(page: Page, address: str = EDITOR) -> Page:
    """An editor with its findings."""
    page.goto(address)
    expect(page.locator("#found-count")).not_to_be_empty()
    return page


def tab(page: Page, name: str) -> None:
    """Choose one of the views: form, text, found, try, past."""
    page.locator(f"#tab-{name}").click()


def tried(page: Page) -> None:
    """A sample answer, graded against the draft and explained."""
    opened(page)
    tab(page, "try")
    page.locator("#sample").fill(SAMPLE)
    expect(page.locator(".heat")).to_be_visible()
