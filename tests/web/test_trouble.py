"""When things go wrong: a slow, broken or absent service, impatient fingers, a full browser. The text is never lost."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.web.axe import Axe
from tests.web.candidate import FIRST, QUESTION, answered, hand_in, write

EVALUATIONS = "**/v1/evaluations"


def problem(status: int, code: str, detail: str = "", **headers: str) -> Callable[[Route], None]:
    body = {
        "type": f"urn:answer-grader:problem:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return lambda route: route.fulfill(
        status=status, content_type="application/problem+json", body=json.dumps(body), headers=headers
    )


def test_impatient_fingers_hand_in_once(page: Page) -> None:
    sent: list[Route] = []
    page.route(EVALUATIONS, lambda route: sent.append(route))
    write(page, FIRST)
    page.locator("#submit").dblclick()
    page.locator("#text").press("Control+Enter")
    expect(page.locator("#submit")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#text")).not_to_be_editable()
    sent[0].continue_()
    expect(page.locator(".graded")).to_be_visible()
    assert len(sent) == 1
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('attempt')).length") == 1


def test_a_long_wait_is_told_and_survives_a_reload(page: Page) -> None:
    page.clock.install()
    waiting: list[Route] = []
    page.route(EVALUATIONS, lambda route: waiting.append(route))
    write(page, FIRST)
    page.locator("#submit").click()
    expect(page.locator("#submit")).to_have_text("Grading…")
    page.clock.run_for(5_000)
    expect(page.get_by_text("Still grading")).to_be_visible()
    page.unroute(EVALUATIONS)
    page.reload()
    expect(page.locator("#text")).to_have_value(FIRST)
    hand_in(page)


def test_a_wait_without_end_is_given_up(page: Page) -> None:
    page.clock.install()
    page.route(EVALUATIONS, lambda route: None)
    # Playwright's clock doesn't know AbortSignal.timeout.
    page.add_init_script("""AbortSignal.timeout = (wait) => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), wait);
        return controller.signal;
    }""")
    write(page, FIRST)
    page.locator("#submit").click()
    page.clock.run_for(61_000)
    expect(page.get_by_role("alert")).to_contain_text("took too long")
    expect(page.locator("#text")).to_be_editable()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (problem(500, "internal_error", "secret"), "Something went wrong in the grader, not with your text"),
        (problem(418, "teapot", "Short and stout."), "The grader refused that: Short and stout."),
        (
            lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>"),
            "couldn't be read",
        ),
        (lambda route: route.fulfill(status=200, content_type="application/json", body="{"), "couldn't be read"),
        (lambda route: route.abort(), "can't be reached"),
    ],
)
def test_a_failure_is_told_in_plain_words_and_can_be_repeated(
    page: Page, answer: Callable[[Route], None], words: str
) -> None:
    page.route(EVALUATIONS, answer)
    write(page, FIRST)
    page.locator("#submit").click()
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.locator("#text")).to_have_value(FIRST)
    expect(page.locator("#text")).to_be_editable()
    page.unroute(EVALUATIONS)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".graded")).to_be_visible()
    expect(page.locator("#problem")).to_be_empty()


def test_a_starting_service_is_waited_for(page: Page) -> None:
    asked = 0

    def starting(route: Route) -> None:
        nonlocal asked
        asked += 1
        answer = problem(503, "not_ready", "The engine is loading.", **{"retry-after": "0"})
        (answer if asked < 3 else Route.continue_)(route)

    page.route("**/v1/rubrics/*", starting)
    page.goto(QUESTION)
    expect(page.get_by_role("heading", level=1)).to_have_text("How do bagging and boosting differ?")
    assert asked == 3
    asked = 0
    page.route(EVALUATIONS, starting)
    page.locator("#text").fill(FIRST)
    hand_in(page)


def test_a_service_that_is_away_loses_nothing(page: Page, context: BrowserContext) -> None:
    write(page, FIRST)
    context.set_offline(True)
    page.locator("#submit").click()
    expect(page.get_by_role("alert")).to_contain_text("can't be reached")
    context.set_offline(False)
    page.reload()
    expect(page.locator("#text")).to_have_value(FIRST)


@pytest.mark.parametrize("address", ["/", "/questions?topic=ensembles", QUESTION])
def test_what_cant_be_loaded_can_be_loaded_again(page: Page, address: str) -> None:
    page.route("**/v1/**", lambda route: route.abort())
    page.goto(address)
    expect(page.get_by_role("alert")).to_contain_text("can't be reached")
    page.unroute("**/v1/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert").filter(has_text="reached")).to_have_count(0)


def test_a_question_that_isnt_there_says_so(page: Page) -> None:
    page.goto("/practise/no-such-question")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such question")


def test_too_long_an_answer_is_told_before_and_after(page: Page) -> None:
    write(page, "word " * 4001)
    expect(page.locator("#count")).to_have_text("4,001 words · 20,005 of 20,000 characters")
    page.locator("#submit").click()
    expect(page.get_by_role("alert")).to_contain_text("the limit is 20,000")
    expect(page.locator("#text")).to_have_value("word " * 4001)


def test_three_thousand_words(page: Page) -> None:
    sentences = [FIRST, *(f"In run {n} we had more trees than before." for n in range(370))]
    text = " ".join(sentences)[:19_990]
    evaluation = answered(page, text)
    assert evaluation["answer"]["words"] > 2_900
    assert page.locator("mark").count() > 0
    page.get_by_role("button", name="Improve it").click()
    page.locator("#text").fill(text.replace("run 200", "round 200"))
    hand_in(page)
    expect(page.locator(".compared ins")).to_have_count(1)
    expect(page.locator(".compared ins")).to_have_text("round ")


@pytest.mark.parametrize("fault", ["QuotaExceededError", "SecurityError"])
def test_a_browser_that_keeps_nothing_still_shows_the_result(page: Page, fault: str) -> None:
    page.add_init_script(f"Storage.prototype.setItem = () => {{ throw new DOMException('no', '{fault}'); }}")
    write(page, FIRST)
    expect(page.get_by_text("refuses to keep drafts")).to_be_visible()
    hand_in(page)
    expect(page.get_by_text("no space left to keep the result")).to_be_visible()
    page.get_by_role("button", name="Improve it").click()
    expect(page.locator("#text")).to_have_value(FIRST)
    expect(page.locator("#hints li").first).to_be_visible()


def test_damaged_storage_is_passed_over(page: Page) -> None:
    page.add_init_script("localStorage.setItem('grader.attempt.x', '{'); localStorage.setItem('grader.attempt.y', '7')")
    page.goto("/session")
    expect(page.get_by_text("Nothing answered yet")).to_be_visible()


def test_two_tabs_see_each_others_answers(page: Page, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto("/")
    expect(other.locator("#session-count")).to_be_hidden()
    answered(page)
    expect(other.locator("#session-count")).to_have_text("1")


def test_a_service_that_asks_for_a_key_gets_one_and_the_answer_goes_on(page: Page, axe: Axe) -> None:
    good = "grader_good"

    def guarded(route: Route) -> None:
        allowed = route.request.headers.get("authorization") == f"Bearer {good}"
        (Route.continue_ if allowed else problem(401, "unauthorized", "Send a key."))(route)

    write(page, FIRST)
    page.route("**/v1/**", guarded)  # the key expired while the answer was written
    page.locator("#submit").click()
    asked = page.get_by_role("dialog")
    assert axe(page) == []
    asked.get_by_label("Key").fill("grader_old")
    asked.get_by_label("Key").press("Enter")
    expect(asked).to_contain_text("isn't accepted")
    asked.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("asks for a key")
    expect(page.locator("#text")).to_have_value(FIRST)
    page.get_by_role("button", name="Try again").click()
    asked.get_by_label("Key").fill(good)
    asked.get_by_role("button", name="Go on").click()
    expect(page.locator(".graded")).to_be_visible()
    page.goto("/")
    expect(page.locator(".topics a").first).to_be_visible()
    assert page.evaluate("JSON.stringify(localStorage).includes('grader_good')") is False
