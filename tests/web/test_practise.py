"""The Practise room, as a candidate uses it: choosing, writing, reading the graded rubric, trying again."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.web.candidate import FIRST, QUESTION, SECOND, answered, hand_in, improved, write

# The answer as it stands on the page, without the numbers that stand behind the marks.
AS_WRITTEN = "(e) => [...e.childNodes].filter((n) => !n.matches?.('.ref')).map((n) => n.textContent).join('')"
MARKED = """(e, key) => [...e.childNodes].filter((n) => !n.matches?.('.ref'))
    .map((n) => n.dataset?.keys.split(' ').includes(key) ? n.textContent : '').join('')"""


def test_a_question_can_be_drawn_by_topic_and_difficulty(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox", name="Topic").select_option("Ensembles")
    page.get_by_role("radio", name="Intermediate").check()
    expect(page.get_by_text("questions to draw from")).to_be_visible()
    page.get_by_role("button", name="Give me a question").dblclick()
    page.wait_for_url("**/practise/*")
    about = page.locator("#about")
    expect(about).to_contain_text("Ensembles")
    expect(about).to_contain_text("Intermediate")
    expect(page.locator("#text")).to_be_editable()


def test_a_drawn_question_wasnt_answered_before(page: Page) -> None:
    answered(page, "It tries fewer.", "/practise/hyperparameter-tuning")
    page.goto("/")
    page.get_by_role("combobox", name="Topic").select_option("Hyperparameter tuning")
    page.get_by_role("button", name="Give me a question").click()
    page.wait_for_url("**/practise/code-hyperparameter-search")
    page.get_by_role("button", name="Another question").click()
    page.wait_for_url("**/practise/hyperparameter-tuning")


def test_topics_lead_to_questions_and_searches_find_them(page: Page) -> None:
    answered(page)
    page.goto("/")
    page.get_by_role("link", name="Ensembles").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ensembles")
    expect(page.get_by_role("link", name="How do bagging and boosting differ?")).to_contain_text("%")
    page.get_by_label("Or search for one").fill("gradients get tiny in deep nets")
    page.get_by_role("combobox", name="Topic").select_option("")
    page.wait_for_url("**/questions?q=*")
    first = page.locator(".questions a").first  # the first search after a start prepares the index
    expect(first).to_contain_text("vanishing-gradient", timeout=120_000)
    page.get_by_role("radio", name="Advanced").check()
    page.wait_for_url("**difficulty=advanced**")
    expect(page.locator("#found[aria-busy=false]")).to_be_attached()
    page.go_back()
    expect(page.get_by_label("Or search for one")).to_have_value("gradients get tiny in deep nets")


def test_an_answer_comes_back_marked(page: Page) -> None:
    evaluation = answered(page)
    expect(page.locator("#write")).to_be_hidden()
    answer = page.locator("marked-answer").first
    assert answer.evaluate(AS_WRITTEN) == FIRST
    points = page.locator(".points").first.locator("> li")
    assert points.count() == len(evaluation["key_points"])
    for index, point in enumerate(evaluation["key_points"]):
        entry = points.nth(index)
        expect(entry).to_contain_text(point["statement"])
        expect(entry.locator(f".verdict.{point['verdict']}")).to_be_visible()
        assert all(len(FIRST[span["start"] : span["end"]]) == len(span["quote"]) for span in point["evidence"])
        marked = answer.evaluate(MARKED, f"a-point-{index + 1}")
        assert "".join(marked.split()) == under(FIRST, point["evidence"])
    assert {"covered", "contradicted"} <= {point["verdict"] for point in evaluation["key_points"]}
    expect(page.get_by_role("heading", name=evaluation["level"].capitalize())).to_be_focused()
    expect(page.locator(".marks")).to_have_text(f"{evaluation['points']:g} of {evaluation['max_points']:g} points")


def under(text: str, evidence: list[dict[str, Any]]) -> str:
    """The characters under any of the spans, in reading order, without blanks."""
    found = [letter for at, letter in enumerate(text) if any(span["start"] <= at < span["end"] for span in evidence)]
    return "".join("".join(found).split())


def test_marks_and_points_are_linked_both_ways(page: Page) -> None:
    answered(page)
    number = page.locator("#a-point-1 .number")
    mark = page.locator("mark[data-keys~=a-point-1]").first
    page.locator("#a-point-1 .statement").hover()
    expect(mark).to_have_class(re.compile(r"\blit\b"))
    mark.hover()
    expect(page.locator("#a-point-1.lit")).to_be_visible()
    page.mouse.move(0, 0)
    expect(page.locator(".lit")).to_have_count(0)
    mark.click()
    expect(page.locator("#a-point-1.lit")).to_be_focused()
    number.press("Enter")
    expect(page.locator("#a-point-1-said")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#a-point-1")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".lit")).to_have_count(0)
    assert "#" not in page.url


def test_verdicts_differ_by_more_than_colour(page: Page) -> None:
    page.route("**/v1/evaluations", one_of_each)
    answered(page)
    lines, shapes, symbols = set(), set(), set()
    for verdict in ("covered", "partial", "missed", "contradicted"):
        entry = page.locator(f".point.{verdict}").first
        expect(entry.locator(".verdict")).to_have_text(verdict.capitalize())
        symbols.add(entry.locator("use").first.get_attribute("href"))
        shapes.add(
            entry.locator(".number").evaluate(
                "(e) => [getComputedStyle(e).borderStyle, getComputedStyle(e).borderRadius].join()"
            )
        )
        for mark in page.locator(f"mark.{verdict}").all()[:1]:
            lines.add(
                mark.evaluate(
                    "(e) => [getComputedStyle(e).borderBottomStyle, getComputedStyle(e).textDecorationStyle].join()"
                )
            )
    assert (len(symbols), len(shapes), len(lines)) == (4, 4, 3)  # what was missed isn't in the text


def test_doubt_is_said_aloud(page: Page) -> None:
    page.route("**/v1/evaluations", one_of_each)
    answered(page)
    expect(page.get_by_text("The grader can't tell how good this answer is")).to_be_visible()
    expect(page.locator("#a-point-2")).to_contain_text("Can't tell")
    expect(page.locator("#a-point-3")).to_contain_text("Can't tell: only 55 of 100 markers would agree")
    expect(page.locator(".point.covered").first).to_contain_text("Sure: 99 of 100 markers would agree")  # never 100


def one_of_each(route: Route) -> None:
    """The service's answer, with the first four verdicts replaced, and doubt."""
    response = route.fetch()
    body = response.json()
    wanted = [("covered", 0.999), ("partial", 0.03), ("missed", 0.55), ("contradicted", 0.8)]
    evidence = body["key_points"][0]["evidence"]
    for index, (point, (verdict, confidence)) in enumerate(zip(body["key_points"], wanted, strict=False)):
        span = {**evidence[0], "start": 10 * index, "end": 10 * index + 8}
        point.update(verdict=verdict, confidence=confidence, evidence=[] if verdict == "missed" else [span])
    body.update(needs_review=True, review_reasons=["uncertain: somewhere"])
    route.fulfill(response=response, body=json.dumps(body))


def test_misconceptions_are_corrected_and_flags_explained(page: Page) -> None:
    evaluation = answered(page)
    entry = page.locator(".point.misconception").first
    expect(entry).to_contain_text(evaluation["misconceptions"][0]["correction"])
    expect(entry).to_contain_text("0.5 points off")
    answered(page, "bagging boosting bootstrap variance bias ensemble stumps voting", "/practise/bagging")
    expect(page.get_by_text("Terms alone say nothing: write sentences")).to_be_visible()


def test_an_answer_without_words_has_no_mark(page: Page) -> None:
    answered(page, "?!")
    expect(page.get_by_role("heading", name="Not marked")).to_be_visible()
    expect(page.locator(".strip")).to_have_count(0)


def test_a_second_attempt_stands_beside_the_first(page: Page) -> None:
    before = answered(page)
    expect(page.locator(".compared")).to_have_count(0)
    page.get_by_role("button", name="Improve it").click()
    expect(page.locator("#text")).to_have_value(FIRST)
    hints = page.locator("#hints")
    statements = [point["statement"] for point in before["key_points"]]
    assert hints.locator("li").count() == len(before["missed"])
    assert not any(statement in hints.inner_text() for statement in statements)
    page.locator("#text").press("Control+Enter")
    expect(page.get_by_text("This is the text that was graded already")).to_be_visible()
    page.locator("#text").fill(SECOND)
    after = hand_in(page)
    verdicts = {point["id"]: point["verdict"] for point in before["key_points"]}
    moved = [point for point in after["key_points"] if point["verdict"] != verdicts[point["id"]]]
    assert moved
    assert page.locator(".changes li").count() == len(moved)
    expect(page.locator(".compared del").first).to_be_visible()
    expect(page.locator(".compared ins", has_text="drawn with replacement")).to_be_visible()
    page.get_by_role("radio", name="Attempt 1").check()
    assert page.locator("marked-answer").first.evaluate(AS_WRITTEN) == FIRST


def test_going_back_to_the_result_drops_the_draft(page: Page) -> None:
    answered(page)
    page.get_by_role("button", name="Improve it").click()
    page.locator("#text").fill("Something else.")
    page.get_by_role("button", name="Back to the result").click()
    expect(page.locator("marked-answer").first).to_be_visible()
    page.reload()
    expect(page.locator("marked-answer").first).to_be_visible()


def test_a_follow_up_is_answered_in_place(page: Page) -> None:
    evaluation = answered(page)
    section = page.locator(".follow-up")
    expect(section.get_by_role("heading")).to_have_text(evaluation["follow_ups"][0])
    section.locator("textarea").fill("I would bag: averaging lowers variance, and boosting chases noisy labels.")
    with page.expect_response("**/v1/evaluations") as caught:
        section.locator("textarea").press("Control+Enter")
    assert 0 < len(caught.value.json()["key_points"]) < len(evaluation["key_points"])
    expect(section.locator("marked-answer")).to_be_visible()
    page.reload()
    expect(page.locator(".follow-up marked-answer")).to_be_visible()


def test_a_session_is_summed_up_saved_and_deleted(page: Page, tmp_path: Path) -> None:
    answered(page, "Both combine many trees.")
    improved(page)
    answered(page, "Random units are switched off while training.", "/practise/dropout")
    page.get_by_role("link", name="Your session").click()
    expect(page.get_by_text("3 answers since")).to_be_visible()
    expect(page.locator(".coverage li")).to_have_count(2)
    expect(page.locator(".coverage li", has_text="Ensembles")).to_contain_text("since the first try")
    expect(page.locator(".gaps .tag").first).to_have_text("missed 2 times")
    expect(page.locator("#next a").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as JSON").click()
    download.value.save_as(tmp_path / "session.json")
    held = json.loads((tmp_path / "session.json").read_text())
    assert [attempt["text"] for attempt in held["attempts"]][1] == SECOND
    assert held["attempts"][1]["evaluation"]["key_points"]
    page.get_by_role("button", name="Delete everything").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".coverage li")).to_have_count(2)
    page.get_by_role("button", name="Delete everything").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete everything").click()
    expect(page.get_by_text("Nothing answered yet")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter((key) => /attempt|draft/.test(key))") == []


def test_a_session_prints_without_its_buttons(page: Page) -> None:
    answered(page)
    page.goto("/session")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.locator(".top")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert len(page.pdf()) > 5_000


def test_everything_works_by_keyboard(page: Page) -> None:
    page.goto(QUESTION)
    expect(page.locator("#text")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(2):  # past the topic's link
        page.keyboard.press("Tab")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("Boosting trains its models one after another.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".level").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".point:focus")).to_be_visible()


def test_what_a_candidate_writes_is_never_markup(page: Page) -> None:
    hostile = (
        "Boosting <img src=x onerror=alert(1)> trains <b>one</b> after another </textarea><script>alert(1)</script>"
    )
    page.on("dialog", lambda dialog: dialog.dismiss() or (_ for _ in ()).throw(AssertionError("a script ran")))
    answered(page, hostile)
    assert page.locator("marked-answer").evaluate(AS_WRITTEN) == hostile
    improved(page, hostile + " <i>again</i>")
    assert page.locator("main img, main b, main script, main i:not(.bar i)").count() == 0


def test_a_chosen_theme_stays(page: Page) -> None:
    page.goto("/")
    for wanted in ("light", "dark"):
        page.get_by_role("button", name="Colours").click()
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == wanted
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.get_by_role("button", name="Colours").click()
    assert page.evaluate("localStorage.length") == 0


def test_a_draft_waits_where_it_was_left(page: Page) -> None:
    page.goto("/")
    write(page, "Half a thou")
    expect(page.get_by_text("Kept in this browser")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="How do bagging and boosting differ?").click()
    expect(page.locator("#text")).to_have_value("Half a thou")
    page.reload()
    expect(page.locator("#text")).to_have_value("Half a thou")
    expect(page.locator("#count")).to_have_text("3 words")
