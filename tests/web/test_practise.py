"""The Practise room, as a candidate uses it."""

from playwright.sync_api import Page, expect

QUESTION = "/practise/bagging-vs-boosting"
ANSWER = (
    "In bagging the models are trained in parallel, each on its own bootstrap sample. 😀 Boosting trains its models "
    "one after another, each one correcting the errors of those before it. Bagging brings the bias down, boosting the "
    "variance."
)


def graded(page: Page, text: str = ANSWER) -> Page:
    page.goto(QUESTION)
    page.locator("#text").fill(text)
    page.locator("#text").press("Control+Enter")
    expect(page.locator(".graded")).to_be_visible()
    return page


def test_an_answer_comes_back_marked(page: Page) -> None:
    graded(page)
    expect(page.locator("#write")).to_be_hidden()
    marked = page.locator("mark.covered", has_text="one after another")
    assert marked.count() >= 1
    assert (
        page.locator("marked-answer").evaluate(
            "(e) => [...e.childNodes].filter((n) => !n.matches?.('.ref')).map((n) => n.textContent).join('')"
        )
        == ANSWER
    )
