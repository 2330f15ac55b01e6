"""The review queue, worked by keyboard."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import Axe
from tests.web.cohorts import ROWS, as_csv, disputed, disputed_as_a_whole, graded
from tests.web.test_design import assert_fits_a_phone


@pytest.fixture(scope="module")
def batch(service: str, browser: Browser) -> dict[str, Any]:
    return graded(service, as_csv(ROWS), "review.csv")


@pytest.fixture
def api(service: str) -> httpx.Client:
    return httpx.Client(base_url=service, timeout=60)


def begin(page: Page, batch: dict[str, Any], name: str, lane: str = "review") -> str:
    """Take the first answer; returns its evaluation's id."""
    page.goto(f"/review?batch={batch['id']}")
    page.locator(f"input[value={lane}]").check()
    page.get_by_label("Your name").fill(name)
    with page.expect_response("**/v1/reviews/claims") as caught:
        page.keyboard.press("Enter")
    expect(page.locator(".judge").first).to_be_focused()
    evaluation: str = caught.value.json()["sheet"]["evaluation_id"]
    return evaluation


def waiting(api: httpx.Client, batch: dict[str, Any], lane: str = "review") -> int:
    count: int = api.get("/v1/reviews/queue", params={"batch": batch["id"], "lane": lane}).json()["waiting"]
    return count


def test_verdicts_are_changed_and_accepted_by_keyboard(page: Page, batch: dict[str, Any], api: httpx.Client) -> None:
    left = waiting(api, batch)
    first = begin(page, batch, "ann")
    standing = page.locator(".judge").nth(1).locator("input:checked").get_attribute("value")
    wanted, key = ("missed", "3") if standing != "missed" else ("covered", "1")
    page.keyboard.press("j")
    expect(page.locator(".judge").nth(1)).to_be_focused()
    page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Say why.", exact=True)).to_be_visible()
    page.keyboard.type("The words are there by accident.")
    page.keyboard.press("Enter")
    expect(page.locator(".judge").nth(2)).to_be_focused()
    expect(page.get_by_role("button", name="Send 1 change, accept the rest")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Saved. 1 answer reviewed.")).to_be_visible()
    expect(page.locator(".judge").first).to_be_focused()
    said = api.get(f"/v1/evaluations/{first}/reviews").json()
    point = said["effective"]["key_points"][1]
    assert (point["verdict"], point["engine_verdict"]) == (wanted, standing)
    assert point["decided"]["reason"] == "The words are there by accident."
    assert {one["reviewer"] for one in said["history"]} == {"ann"}
    assert all(one["decided"] for one in said["effective"]["key_points"])
    page.get_by_role("button", name="Accept all").dblclick()
    expect(page.get_by_text("Saved. 2 answers reviewed.")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. 2 answers reviewed.")).to_be_visible()
    assert waiting(api, batch) == left - 2


def test_what_is_decided_survives_a_reload(page: Page, batch: dict[str, Any], axe: Axe) -> None:
    begin(page, batch, "ben")
    for key in ("4", "Escape"):
        page.keyboard.press(key)
    standing = page.locator(".judge input:checked").first.get_attribute("value")
    page.reload()
    expect(page.locator(".judge input:checked").first).to_have_value(standing or "")
    expect(page.locator(".asked")).to_be_visible()
    assert axe(page) == []
    assert_fits_a_phone(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. 0 answers reviewed.")).to_be_visible()
    assert axe(page) == []


def test_a_claim_that_ran_out_is_told_and_nothing_is_saved(
    page: Page, batch: dict[str, Any], api: httpx.Client
) -> None:
    left = waiting(api, batch)
    with page.expect_response("**/v1/reviews/claims") as caught:
        begin(page, batch, "cat")
    api.delete(f"/v1/reviews/claims/{caught.value.json()['id']}").raise_for_status()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("This answer isn't yours any more. Nothing was saved.")).to_be_visible()
    assert waiting(api, batch) == left
    page.get_by_role("button", name="Go on to the next").click()
    expect(page.locator(".judge").first).to_be_focused()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()


def test_a_blind_rater_sees_no_verdict_and_gives_all(page: Page, batch: dict[str, Any], api: httpx.Client) -> None:
    wanted = {"reviewer": "dan", "batch": batch["id"]}
    claim = api.post("/v1/reviews/claims", json=wanted).json()
    review = {"reviewer": "dan", "accept_rest": True, "claim_id": claim["id"]}
    api.post(f"/v1/evaluations/{claim['sheet']['evaluation_id']}/reviews", json=review).raise_for_status()
    rated = begin(page, batch, "eve", "blind")
    expect(page.locator(".judge input:checked")).to_have_count(0)
    expect(page.locator("#place")).not_to_contain_text("Engine")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Choose a verdict.")).to_be_visible()
    points = len(api.get(f"/v1/evaluations/{rated}/sheet").json()["key_points"])
    for _ in range(points):
        page.keyboard.press("4")
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_contain_text("1 answer reviewed")
    kinds = [one["kind"] for one in api.get(f"/v1/evaluations/{rated}/reviews").json()["history"]]
    assert kinds[-1] == "blind"
    assert waiting(api, batch, "adjudication") >= 1


def test_a_dispute_is_settled_by_keyboard_with_a_reason(page: Page, service: str, api: httpx.Client, axe: Axe) -> None:
    batch = graded(service, as_csv(ROWS[:1]), "dispute.csv")
    evaluation, point = disputed(service, batch["id"])
    assert waiting(api, batch, "adjudication") == 1
    assert begin(page, batch, "ida", "adjudication") == evaluation
    judge = page.locator(".judge")
    expect(judge).to_have_count(1)  # what nobody disputes isn't asked for
    ratings = judge.get_by_role("list", name="Ratings that differ").get_by_role("listitem")
    expect(ratings).to_have_text(["gil (review)MissedIt is only hinted at.", "hal (blind)CoveredNo reason given"])
    boxes = [one.bounding_box() or {} for one in ratings.all()]
    assert boxes[0]["y"] == boxes[1]["y"]
    expect(judge.locator("input:checked")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Choose a verdict.")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Say why.", exact=True)).to_be_visible()
    assert axe(page) == []
    assert_fits_a_phone(page)
    page.get_by_label("Why").focus()
    page.keyboard.type("Half of it stands there.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_contain_text("1 answer reviewed")
    said = api.get(f"/v1/evaluations/{evaluation}/reviews").json()
    assert said["disputed"] == []
    assert [(one["reviewer"], one["kind"]) for one in said["history"]] == [
        ("gil", "review"),
        ("hal", "blind"),
        ("ida", "adjudication"),
    ]
    assert [mark["id"] for mark in said["history"][-1]["marks"]] == [point]
    settled = said["effective"]["key_points"][0]
    assert (settled["verdict"], settled["decided"]["reason"]) == ("partial", "Half of it stands there.")
    assert waiting(api, batch, "adjudication") == 0


def test_a_disputed_mark_on_the_whole_is_settled_by_keyboard(
    page: Page, service: str, api: httpx.Client, axe: Axe
) -> None:
    batch = graded(service, as_csv(ROWS[:1]), "whole.csv")
    evaluation = disputed_as_a_whole(service, batch["id"])
    before = api.get(f"/v1/evaluations/{evaluation}/reviews").json()
    most = before["effective"]["max_points"]
    assert before["disputed"] == ["total"]
    assert begin(page, batch, "jon", "adjudication") == evaluation
    judge = page.locator(".judge")
    expect(judge).to_have_count(1)
    ratings = judge.get_by_role("list", name="Ratings that differ").get_by_role("listitem")
    given = [f"gil (review)2.5 of {most:g} pointsIt is shorter than asked.", f"hal (blind)1 of {most:g} points"]
    expect(ratings).to_have_text([given[0], given[1] + "No reason given"])
    boxes = [one.bounding_box() or {} for one in ratings.all()]
    assert boxes[0]["y"] == boxes[1]["y"]
    mark, fault = judge.get_by_label(f"Points, 0 to {most:g}"), page.get_by_text(f"Give points from 0 to {most:g}.")
    expect(mark).to_have_value("")
    page.keyboard.press("Control+Enter")
    expect(fault).to_be_visible()
    expect(mark).to_be_focused()
    page.keyboard.type(f"{most + 1:g}")
    expect(fault).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(fault).to_be_visible()
    page.keyboard.press("Escape")
    expect(judge).to_be_focused()
    page.keyboard.type("1.5")
    expect(mark).to_have_value("1.5")
    page.reload()
    expect(mark).to_have_value("1.5")
    expect(judge).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Say why.", exact=True)).to_be_visible()
    assert axe(page) == []
    assert_fits_a_phone(page)
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why")).to_be_focused()
    page.keyboard.type("Half of it is there.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_contain_text("1 answer reviewed")
    said = api.get(f"/v1/evaluations/{evaluation}/reviews").json()
    assert (said["disputed"], said["effective"]["points"]) == ([], 1.5)
    assert said["effective"]["total"]["reviewer"] == "jon"
    settled = said["history"][-1]
    assert [(one["target"], one["points"]) for one in settled["marks"]] == [("total", 1.5)]
    assert (settled["kind"], settled["comment"]) == ("adjudication", "Half of it is there.")
    assert waiting(api, batch, "adjudication") == 0


def test_a_candidates_answer_is_reviewed_from_its_report(page: Page, batch: dict[str, Any]) -> None:
    page.goto(f"/cohort/{batch['id']}#candidate-0-0")
    page.get_by_role("button", name="Review this answer").first.click()
    page.wait_for_url("**/review?evaluation=*")
    expect(page.locator(".judge").first).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("fay")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved. 1 answer reviewed.")).to_be_visible()
