"""Webhooks, keys, receipts, practice, reviews and appeals with the Python client, against the live service."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from answer_grader_client import AsyncGrader, Evaluation, Grader, ServiceError, WebhookEvent, verify_webhook

from tests.api.receivers import Receiver, receiving

ANSWER = "Boosting trains its models one after another."
RUBRIC = "bagging-vs-boosting"


@pytest.fixture
def grader(live: str) -> Iterator[Grader]:
    with Grader(live) as grader:
        yield grader


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def graded(grader: Grader) -> Evaluation:
    return grader.grade(RUBRIC, ANSWER, candidate_id="c-work")


def until(holds: Callable[[], bool]) -> None:
    """Wait for the worker."""
    for _ in range(600):
        if holds():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it never came")


def event(receiver: Receiver, place: int, secret: str) -> WebhookEvent:
    until(lambda: len(receiver.got) > place)
    _, headers, body = receiver.got[place]
    return verify_webhook(secret, headers, body)


def test_a_webhook_from_its_making_to_its_end(grader: Grader, receiver: Receiver) -> None:
    hook = grader.create_webhook(receiver.url, ["evaluation.completed"], description="of a test")
    assert hook.secret and grader.webhook(hook.id) == next(one for one in grader.webhooks() if one.id == hook.id)
    sent = grader.test_webhook(hook.id)
    assert event(receiver, 0, hook.secret).type == sent.event == "webhook.test"
    until(lambda: grader.delivery(hook.id, sent.id).state == "delivered")
    assert [one.status for one in grader.delivery(hook.id, sent.id).attempts] == [204]
    made = grader.grade(RUBRIC, ANSWER)
    assert event(receiver, 1, hook.secret).data["evaluation_id"] == str(made.id)
    until(lambda: len(list(grader.deliveries(hook.id, "delivered"))) == 2)

    rotated = grader.rotate_webhook(hook.id, overlap_hours=0)
    assert rotated.secret and rotated.secret != hook.secret and rotated.old_secret_until is None
    again = grader.replay(hook.id, sent.id)
    assert again.id == sent.id
    assert event(receiver, 2, rotated.secret).type == "webhook.test"
    assert receiver.got[2][1]["webhook-id"] == receiver.got[0][1]["webhook-id"]

    changed = grader.change_webhook(hook.id, events=["batch.completed"], enabled=False)
    assert (changed.enabled, changed.events, changed.description) == (False, ["batch.completed"], "of a test")
    grader.delete_webhook(hook.id)
    with pytest.raises(ServiceError) as caught:
        grader.webhook(hook.id)
    assert caught.value.code == "not_found"


def test_keys(guarded: tuple[str, str]) -> None:
    address, admin = guarded
    with Grader(address, admin) as grader:
        made = grader.create_key("prep tool", ["grade", "read"], rate_limit="100/minute", expires_in_days=9)
        assert made.key and made.scopes == ["grade", "read"] and grader.key(made.id).shown == made.shown
        with Grader(address, made.key) as tool:
            assert tool.topics()
            with pytest.raises(ServiceError) as caught:
                list(tool.keys())
            assert caught.value.code == "forbidden"
            rotated = grader.rotate_key(made.id, overlap_hours=0)
            assert rotated.key and rotated.replaces == made.id
            with pytest.raises(ServiceError):
                tool.topics()
        grader.revoke_key(rotated.id)
        every = list(grader.keys())
        assert {one.id for one in every if one.revoked_at} == {rotated.id}
        repeated = [grader.create_key("n", ["read"], idempotency_key="once") for _ in range(2)]
        assert repeated[0].key and repeated[1].key is None and repeated[0].id == repeated[1].id


def test_a_receipt_is_checked(grader: Grader, graded: Evaluation, tmp_path: Path) -> None:
    assert graded.id
    receipt = grader.receipt(graded.id)
    assert receipt.key_id == grader.receipt_key().key_id
    assert grader.verify_receipt(receipt).outcome == "signed"
    again = grader.verify_receipt(receipt, answer=ANSWER)
    assert again.outcome == "verified" and again.again and again.again.points == graded.points
    assert grader.verify_receipt(receipt, answer="Something else.").outcome == "other_answer"
    kept = tmp_path / "receipt.json"
    kept.write_text(receipt.model_dump_json())
    document = json.loads(kept.read_text())
    assert grader.verify_receipt(document).outcome == "signed"
    document["receipt"]["mark"]["points"] = "99"
    assert grader.verify_receipt(document).outcome == "forged"


def test_practice_with_what_was_before(grader: Grader) -> None:
    answers = {RUBRIC: ANSWER, "dropout": "Random units are switched off in training."}
    first = grader.practise(answers, candidate_id="c/practice ä")
    second = grader.practise(answers, candidate_id="c/practice ä")
    assert first.id and grader.practice(first.id).total == first.total and first.total.answers == 2
    assert [one.rubric_id for one in second.answers] == list(answers)
    assert second.comparison.comparable == 2 and second.comparison.trend == "steady"
    assert [one.id for one in grader.practices("c/practice ä")] == [second.id, first.id]
    assert grader.practise(answers, store=False).id is None


def test_a_review_counts(grader: Grader, graded: Evaluation) -> None:
    assert graded.id
    before = grader.reviewed(graded.id)
    point = before.effective.key_points[0]
    verdict = "missed" if point.verdict == "covered" else "covered"
    mark = {
        "id": point.id,
        "verdict": verdict,
        "reason": "I read it so.",
        "quote": ANSWER if verdict == "covered" else "",
    }
    after = grader.create_review(graded.id, "Ada", key_points=[mark], comment="One point.")
    [counts] = [one for one in after.effective.key_points if one.id == point.id]
    assert (counts.verdict, counts.engine_verdict) == (verdict, point.engine_verdict)
    assert counts.decided and counts.decided.reviewer == "Ada"
    assert grader.reviewed(graded.id) == after and [one.comment for one in after.history] == ["One point."]


def test_reviews_are_claimed_from_the_queue(grader: Grader, graded: Evaluation) -> None:
    waiting = grader.review_queue(rubric=RUBRIC, order="sample", limit=1)
    assert waiting.waiting >= len(waiting.items) == 1
    claim = grader.claim_review("Grace", rubric=RUBRIC, order="sample")
    assert claim and claim.reviewer == "Grace" and claim.sheet.rubric.id == RUBRIC
    assert grader.review_sheet(claim.sheet.evaluation_id) == claim.sheet
    grader.release_claim(claim.id)
    taken = grader.claim_review("Grace", rubric=RUBRIC, order="sample")
    assert taken
    done = grader.create_review(taken.sheet.evaluation_id, "Grace", accept_rest=True, claim_id=taken.id)
    assert done.history[-1].reviewer == "Grace"
    assert grader.claim_review("Grace", rubric="binning") is None


def test_an_appeal_is_decided(grader: Grader, graded: Evaluation) -> None:
    assert graded.id
    point = next(one for one in graded.key_points if one.verdict == "missed")
    made = grader.create_appeal(graded.id, point.id, "I said so.", quote=ANSWER)
    assert made.state == "open" and grader.appeal(made.id) == made
    assert made.id in [one.id for one in grader.appeals(state="open", rubric=RUBRIC)]
    decided = grader.decide_appeal(made.id, "Ada", "upheld", "Indeed.", verdict="partial")
    assert decided.state == "upheld" and decided.review_id and decided.history[-1].by == "Ada"
    [counts] = [one for one in grader.reviewed(graded.id).effective.key_points if one.id == point.id]
    assert counts.verdict == "partial"


def test_batches_are_listed_and_reported(grader: Grader, tmp_path: Path) -> None:
    rows = [{"custom_id": str(at), "answer": f"{ANSWER} {at}", "candidate_id": "Zoë"} for at in range(2)]
    batch = grader.wait(grader.submit(rows, rubric_id=RUBRIC, name="for a report").id, every=0.05)
    listed = next(one for one in grader.batches() if one.id == batch.id)
    assert listed.is_over and listed.name == "for a report"
    with pytest.raises(ServiceError) as caught:
        grader.retry(batch.id)
    assert caught.value.code == "conflict"
    grader.download_report(batch.id, tmp_path / "named.html")
    grader.download_report(batch.id, tmp_path / "hidden.html", hide_names=True)
    assert "Zoë" in (tmp_path / "named.html").read_text()
    assert "Zoë" not in (tmp_path / "hidden.html").read_text()
    assert {"bagging-vs-boosting"} <= {one.id for one in grader.rubrics(topic="ensembles")}
    assert sum(topic.rubrics for topic in grader.topics()) >= len(list(grader.rubrics(limit=100))) > 140


def test_the_async_client_does_the_same(live: str, receiver: Receiver) -> None:
    async def work() -> None:
        async with AsyncGrader(live) as grader:
            hook = await grader.create_webhook(receiver.url, ["evaluation.completed"])
            assert hook.id in [one.id async for one in grader.webhooks()]
            sent = await grader.test_webhook(hook.id)
            assert [one.id async for one in grader.deliveries(hook.id)] == [sent.id]
            await grader.delete_webhook(hook.id)
            made = await grader.grade(RUBRIC, ANSWER)
            assert made.id
            receipt = await grader.receipt(made.id)
            assert (await grader.verify_receipt(receipt, answer=ANSWER)).outcome == "verified"
            practice = await grader.practise({RUBRIC: ANSWER}, candidate_id="c-async-practice")
            assert [one.id async for one in grader.practices("c-async-practice")] == [practice.id]
            reviewed = await grader.create_review(made.id, "Ada", accept_rest=True)
            assert await grader.reviewed(made.id) == reviewed

    asyncio.run(work())
