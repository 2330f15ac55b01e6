"""The Python client against the live service, over real HTTP."""

import asyncio
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from answer_grader_client import (
    AsyncGrader,
    Batch,
    Grader,
    Retry,
    ServiceError,
    Unreachable,
    WebhookInvalid,
    models,
    verify_webhook,
)
from answer_grader_client import models_admin as admin
from answer_grader_client import models_people as people
from standardwebhooks import Webhook

from api.app import create_app
from api.settings import Settings
from grader.engine import Engine

ANSWER = "Boosting trains its models one after another."
RUBRIC = "bagging-vs-boosting"
FAST = Retry(tries=4, first=0.001, longest=1.0)


@pytest.fixture
def grader(live: str) -> Iterator[Grader]:
    with Grader(live) as grader:
        yield grader


def test_grades_reads_lists_and_deletes(grader: Grader) -> None:
    made = grader.grade(RUBRIC, ANSWER, candidate_id="c-python", metadata={"round": 2})
    assert made.status == "scored" and made.id and made.rubric.id == RUBRIC and made.metadata == {"round": 2}
    assert all(ANSWER[span.start : span.end] == span.quote for point in made.key_points for span in point.evidence)
    assert grader.evaluation(made.id).answer.text == ANSWER
    assert [one.id for one in grader.evaluations(candidate_id="c-python")] == [made.id]
    grader.delete_evaluation(made.id)
    assert list(grader.evaluations(candidate_id="c-python")) == []
    with pytest.raises(ServiceError) as caught:
        grader.evaluation(made.id)
    assert (caught.value.status, caught.value.code) == (404, "not_found") and caught.value.request_id


def test_an_inline_rubric_and_nothing_kept(grader: Grader) -> None:
    rubric = {"question": "How does boosting work?", "key_points": [ANSWER]}
    kept = grader.grade(rubric, ANSWER, store=False)
    assert kept.id is None and kept.points == kept.max_points


def test_what_is_wrong_is_told_by_field(grader: Grader) -> None:
    with pytest.raises(ServiceError) as caught:
        grader.grade("Not an id", ANSWER)
    assert caught.value.code == "validation_failed" and caught.value.errors[0].field == "rubric_id"


def test_all_pages(grader: Grader) -> None:
    every = list(grader.rubrics(limit=70))
    assert len(every) == len({one.id for one in every}) > 140
    assert {one.topic for one in grader.rubrics(topic="ensembles")} == {"ensembles"}


def test_rubrics_are_made_checked_and_edited(grader: Grader) -> None:
    document = {"id": "client-python", "topic": "t", "question": "Why?", "key_points": ["Because of it."]}
    assert grader.check_rubric(document).findings
    made = grader.create_rubric(document)
    edited = grader.edit_rubric({**made.rubric, "question": "Why so?"}, made.content_hash)
    assert (made.version, edited.version) == (1, 2)
    with pytest.raises(ServiceError) as caught:
        grader.edit_rubric({**made.rubric, "question": "Why not?"}, made.content_hash)
    assert caught.value.code == "precondition_failed"
    assert grader.rubric("client-python", 1).rubric["question"] == "Why?"


def test_draws(grader: Grader) -> None:
    drawn = grader.draw(3, topics=["ensembles", "evaluation"], seed=7)
    assert len(drawn.items) == 3 and drawn == grader.draw(3, topics=["ensembles", "evaluation"], seed=7)
    assert grader.info().engine is not None


def test_a_file_with_progress_to_results(grader: Grader, tmp_path: Path) -> None:
    path, out = tmp_path / "answers.csv", tmp_path / "results.jsonl"
    path.write_text("candidate,answer\n" + "".join(f"c-{at},{ANSWER} {at}\n" for at in range(5000)))
    sent: list[tuple[int, int]] = []
    batch = grader.submit_file(path, rubric_id=RUBRIC, dry_run=True, progress=lambda *now: sent.append(now))
    assert sent[-1] == (path.stat().st_size,) * 2 and len(sent) > 1 and sent == sorted(sent)
    path.write_text(f"candidate,answer\nc-1,{ANSWER}\nc-2,Something else.\n")
    seen: list[Batch] = []
    mapping = {"answer": "answer", "candidate": "candidate", "fixed_rubric": RUBRIC}
    batch = grader.submit_file(path, mapping=mapping)
    batch = grader.wait(batch.id, progress=seen.append, every=0.05)
    assert batch.state == "done" and batch.counts.graded == 2 and seen[-1] == batch
    grader.download_results(batch.id, out)
    assert len(out.read_text().splitlines()) == 2
    assert list(grader.batch_errors(batch.id)) == []
    with pytest.raises(ServiceError):
        grader.download_results(batch.id, tmp_path / "results.docx")
    assert not (tmp_path / "results.docx").exists()


def test_rows(grader: Grader) -> None:
    rows = [{"custom_id": "1", "answer": ANSWER, "candidate_id": "c"}, {"custom_id": "1", "answer": "Twice."}]
    batch = grader.wait(grader.submit(rows, rubric_id=RUBRIC).id, every=0.05)
    assert batch.counts.graded + batch.counts.bad_rows == 2
    assert len(list(grader.batch_errors(batch.id))) == batch.counts.bad_rows


def test_the_async_client_does_the_same(live: str, tmp_path: Path) -> None:
    async def work() -> None:
        async with AsyncGrader(live) as grader:
            made = await asyncio.gather(
                *(grader.grade(RUBRIC, f"{ANSWER} {at}", candidate_id="c-async") for at in range(6))
            )
            found = [one.id async for one in grader.evaluations(candidate_id="c-async", limit=2)]
            assert set(found) == {one.id for one in made} and len(found) == 6
            path = tmp_path / "answers.jsonl"
            path.write_text(json.dumps({"custom_id": "1", "answer": ANSWER}) + "\n")
            sent: list[tuple[int, int]] = []
            batch = await grader.submit_file(path, rubric_id=RUBRIC, progress=lambda *now: sent.append(now))
            assert (await grader.wait(batch.id, every=0.05)).counts.graded == 1
            assert sent[-1][0] == path.stat().st_size
            await grader.download_results(batch.id, tmp_path / "out.csv")
            assert (tmp_path / "out.csv").stat().st_size
            with pytest.raises(ServiceError):
                await grader.batch("0190163d-8694-739b-aea5-966c26f8ad91")

    asyncio.run(work())


Planned = tuple[int, dict[str, str], str]


@pytest.fixture
def scripted() -> Iterator[tuple[str, list[Planned | None], list[dict[str, str]]]]:
    """A server that answers as planned (status, headers, body; None: hangs up), and what it was sent."""
    plan: list[Planned | None] = []
    got: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            got.append({name.lower(): value for name, value in self.headers.items()})
            if (planned := plan.pop(0)) is None:
                self.close_connection = True
                return
            status, headers, body = planned
            self.send_response(status)
            for name, value in (headers | {"content-length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        do_DELETE = do_PUT = do_PATCH = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", plan, got
    server.shutdown()


FINDINGS: Planned = (200, {"content-type": "application/json"}, '{"findings": [], "new": 1}')
BUSY: Planned = (503, {"retry-after": "0"}, '{"code": "not_ready", "detail": "The model is loading.", "errors": []}')


@pytest.mark.parametrize(
    "failures",
    [
        [BUSY],
        [None, BUSY, None],
        [(429, {"retry-after": "0"}, "{}")],
        [(502, {}, "<html>")],
        [(409, {"retry-after": "0"}, "{}")],
    ],
)
def test_what_passes_is_sent_again_with_the_same_key(scripted: Any, failures: list[Planned | None]) -> None:
    address, plan, got = scripted
    plan.extend([*failures, FINDINGS])
    with Grader(address, api_key="grader_k", retry=FAST) as grader:
        assert grader.check_rubric({"id": "x"}).findings == []
    assert len(got) == len(failures) + 1
    assert len({one["idempotency-key"] for one in got}) == 1
    assert {one["authorization"] for one in got} == {"Bearer grader_k"}
    plan.append(FINDINGS)
    with Grader(address) as grader:
        grader.check_rubric({"id": "x"})
    assert got[-1]["idempotency-key"] != got[0]["idempotency-key"]


@pytest.mark.parametrize(
    "change",
    [
        lambda grader: grader.delete_evaluation("e"),
        lambda grader: grader.delete_webhook("w"),
        lambda grader: grader.revoke_key("k"),
        lambda grader: grader.cancel("b"),
    ],
)
def test_what_was_done_without_an_answer_is_told_once_more(scripted: Any, change: Any) -> None:
    address, plan, got = scripted
    plan.extend([None, (204, {}, "")])
    with Grader(address, retry=FAST) as grader:
        change(grader)
    assert len(got) == 2 and len({one["idempotency-key"] for one in got}) == 1


@pytest.mark.parametrize(
    ("answers", "status", "code"),
    [
        ([(409, {}, '{"code": "conflict", "detail": "no"}')], 409, "conflict"),
        ([(500, {}, '{"code": "internal_error", "detail": "no"}')], 500, "internal_error"),
        ([(401, {}, "no")], 401, "http_error"),
        ([(503, {"retry-after": "3600"}, "[]")], 503, "http_error"),
        ([BUSY] * 4, 503, "not_ready"),
    ],
)
def test_what_stays_is_told(scripted: Any, answers: list[Planned | None], status: int, code: str) -> None:
    address, plan, got = scripted
    plan.extend(answers)
    with Grader(address, retry=FAST) as grader, pytest.raises(ServiceError) as caught:
        grader.check_rubric({"id": "x"})
    assert (caught.value.status, caught.value.code, len(got)) == (status, code, len(answers))


def test_nobody_there() -> None:
    with Grader("http://127.0.0.1:9", retry=FAST) as grader, pytest.raises(Unreachable, match="4 tries"):
        grader.info()


def test_pauses_grow_and_obey_the_service() -> None:
    retry = Retry(tries=5, first=1.0, longest=3.0)
    bounds = [(0.5, 1.0), (1.0, 2.0), (1.5, 3.0), (1.5, 3.0)]
    for attempt, (low, high) in enumerate(bounds, 1):
        assert low <= (retry.pause(attempt, 0, {}) or 0) <= high
    assert retry.pause(5, 503, {}) is None
    assert retry.pause(1, 503, {"retry-after": "2"}) == 2.0
    assert retry.pause(1, 503, {"retry-after": "4"}) is None
    assert retry.pause(1, 422, {"retry-after": "0"}) is None


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def signed(body: str, age: timedelta = timedelta()) -> dict[str, str]:
    at = datetime.now(UTC) - age
    signature = Webhook(SECRET).sign("msg_1", at, body)
    return {"Webhook-Id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def test_webhooks() -> None:
    body = json.dumps({"type": "batch.completed", "timestamp": "2026-01-15T10:00:00Z", "data": {"id": "b-1"}})
    event = verify_webhook(SECRET, signed(body), body.encode())
    assert (event.type, event.data) == ("batch.completed", {"id": "b-1"})
    odd = "[]"
    for headers, text in [
        (signed(body), body.replace("b-1", "b-2")),
        (signed(body, timedelta(minutes=10)), body),
        (signed(body, -timedelta(minutes=10)), body),
        ({**signed(body), "webhook-signature": "v1,AAAA"}, body),
        ({**signed(body), "webhook-timestamp": "soon"}, body),
        ({}, body),
        (signed(odd), odd),
    ]:
        with pytest.raises(WebhookInvalid):
            verify_webhook(SECRET, headers, text)


SAME = {
    "EvaluationOut": models.Evaluation, "RubricRefOut": models.RubricRef, "EngineOut": models.EngineRef,
    "EvidenceOut": models.Evidence, "KeyPointOut": models.KeyPoint, "MisconceptionOut": models.Misconception,
    "FlagOut": models.Flag, "StoredAnswerOut": models.AnswerInfo, "RubricSummaryOut": models.RubricSummary,
    "RubricOut": models.Rubric, "FindingOut": models.RubricFinding, "ItemOut": models.DrawnItem,
    "DrawOut": models.DrawnSet, "TopicOut": models.Topic, "BatchCountsOut": models.BatchCounts,
    "BatchSummaryOut": models.BatchSummary, "BatchOut": models.Batch,
    "BatchErrorOut": models.BatchError, "FieldError": models.FieldError,
    "WebhookOut": admin.Webhook, "NewWebhookOut": admin.NewWebhook, "AttemptOut": admin.Attempt,
    "DeliveryOut": admin.Delivery, "KeyOut": admin.ApiKey, "NewKeyOut": admin.NewApiKey,
    "TallyOut": people.Tally, "TopicTallyOut": people.TopicTally, "UnscoredOut": people.Unscored,
    "GapOut": people.Gap, "TopicGapsOut": people.TopicGaps, "AssertedOut": people.Asserted,
    "RevisionOut": people.Revision, "ChangeOut": people.Change, "ComparisonOut": people.Comparison,
    "AnsweredItemOut": people.AnsweredItem, "PracticeOut": people.Practice,
    "PracticeSummaryOut": people.PracticeSummary, "MarkOut": people.Mark, "ReviewOut": people.Review,
    "DecisionOut": people.Decision, "EffectivePointOut": people.EffectivePoint,
    "EffectiveMisconceptionOut": people.EffectiveMisconception, "EffectiveOut": people.Effective,
    "SecondOpinionOut": people.SecondOpinion, "ReviewedOut": people.Reviewed, "WaitingOut": people.Waiting,
    "QueueOut": people.ReviewQueue, "SheetTargetOut": people.SheetTarget, "SheetOut": people.ReviewSheet,
    "ClaimOut": people.ReviewClaim, "AppealChangeOut": people.AppealChange, "AppealOut": people.Appeal,
    "ReceiptOut": people.Receipt, "PublicKeyOut": people.PublicKey, "DifferenceOut": people.Difference,
    "VerifiedOut": people.Verified,
}  # fmt: skip


@pytest.fixture(scope="module")
def schemas(engine: Engine) -> dict[str, Any]:
    found: dict[str, Any] = create_app(Settings(), engine).openapi()["components"]["schemas"]
    return found


@pytest.mark.parametrize("name", SAME)
def test_the_models_are_the_services(name: str, schemas: dict[str, Any]) -> None:
    assert set(SAME[name].model_fields) == set(schemas[name]["properties"])


def test_no_model_is_left_out() -> None:
    made = {
        value
        for module in (models, admin, people)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, models.Model)
    }
    assert made - set(SAME.values()) == {models.Model, models.ServiceInfo, models.RubricCheck, models.WebhookEvent}


def test_it_is_light() -> None:
    root = Path(__file__).parents[3]
    code = (
        f"import sys; sys.path.insert(0, {str(root / 'clients/python/src')!r}); import answer_grader_client; "
        "print({name.partition('.')[0] for name in sys.modules} & {'torch', 'numpy', 'fastapi', 'grader', 'api'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/", env={"PATH": ""})
    assert (done.stdout.strip(), done.stderr) == ("set()", "")


def test_the_readmes_examples_run(live: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.csv").write_text(f"candidate,answer\nc-1,{ANSWER}\n")
    readme = (Path(__file__).parents[3] / "clients/python/README.md").read_text()
    blocks = [block for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "secret" not in block]
    assert len(blocks) == 5
    for block in blocks:
        exec("from answer_grader_client import Grader\n" + block.replace("http://127.0.0.1:8000", live), {})
    assert (tmp_path / "results.xlsx").stat().st_size
