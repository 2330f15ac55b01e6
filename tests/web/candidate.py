"""What a candidate does on the page, for tests."""

from typing import Any

from playwright.sync_api import Page, expect

QUESTION = "/practise/bagging-vs-boosting"
# The emoji and the accent as a mark of its own shift UTF-16 offsets against code points, and bytes against both.
FIRST = (
    "👩‍🔬 Cafe\u0301 talk: in bagging the models are trained in parallel, each on its own bootstrap sample. Boosting "
    "trains its models one after another, each one correcting the errors of those before it.\n\nBagging brings the "
    "bias down, boosting the variance. If you put too many trees into bagging it begins to overfit."
)
SECOND = (
    "In bagging the models are trained in parallel, each on its own bootstrap sample drawn with replacement. Boosting "
    "trains its models one after another, each one correcting the errors of those before it.\n\nBagging mainly reduces "
    "variance, boosting mainly reduces bias. Boosting overfits noisy labels and outliers more than bagging does."
)


def write(page: Page, text: str, address: str = QUESTION) -> None:
    page.goto(address)
    page.locator("#text").fill(text)


def hand_in(page: Page) -> dict[str, Any]:
    """Press Ctrl+Enter; returns the evaluation that came back."""
    with page.expect_response("**/v1/evaluations") as caught:
        page.locator("#text").press("Control+Enter")
    expect(page.locator("#result .graded").first).to_be_visible()
    evaluation: dict[str, Any] = caught.value.json()
    return evaluation


def answered(page: Page, text: str = FIRST, address: str = QUESTION) -> dict[str, Any]:
    """Open a question, answer it, and see the graded rubric."""
    write(page, text, address)
    return hand_in(page)


def improved(page: Page, text: str = SECOND) -> dict[str, Any]:
    """After an answer: improve it."""
    page.get_by_role("button", name="Improve it").click()
    page.locator("#text").fill(text)
    evaluation = hand_in(page)
    expect(page.locator(".compared")).to_be_visible()
    return evaluation
