"""The documentation of the API: complete, and its examples are true."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

import api.errors
from api import (
    examples,
    examples_agreement,
    examples_appeals,
    examples_batches,
    examples_calibration,
    examples_drafts,
    examples_keys,
    examples_practice,
    examples_proposals,
    examples_receipts,
    examples_regrades,
    examples_reviews,
    examples_webhooks,
    schemas,
)
from api.app import create_app
from api.routes import batch_results
from api.schemas import keys
from api.settings import Settings
from grader.engine import Engine
from rubrics import load_data

METHODS = {"get", "post", "put", "patch", "delete"}
DOWNLOADS = {
    "GET /v1/batches/{batch_id}/events": {batch_results.EVENTS},
    "GET /v1/batches/{batch_id}/results": set(batch_results.RESULTS.values()),
    "GET /v1/batches/{batch_id}/report": set(batch_results.REPORTS.values()),
}


@pytest.fixture(scope="module")
def document(engine: Engine) -> dict[str, Any]:
    return create_app(Settings(), engine).openapi()


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            yield f"{method.upper()} {path}", item[method]


def _has_example(holder: dict[str, Any]) -> bool:
    return any(key in holder or key in holder.get("schema", {}) for key in ("example", "examples"))


def test_every_operation_is_worked_out(document: dict[str, Any]) -> None:
    ids = []
    for name, operation in _operations(document):
        ids.append(operation["operationId"])
        assert operation["summary"], name
        assert operation["description"], name
        for parameter in operation.get("parameters", []):
            assert _has_example(parameter), f"{name}: {parameter['name']}"
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert _has_example(content), name
            assert content["schema"], name
    assert len(ids) == len(set(ids)) == 73


def test_every_answer_is_documented_with_an_example(document: dict[str, Any]) -> None:
    for name, operation in _operations(document):
        for status, response in operation["responses"].items():
            if status == "204":
                continue
            kinds = DOWNLOADS.get(name, {"application/json"}) if status < "400" else {"application/problem+json"}
            assert set(response["content"]) == kinds, f"{name}: {status}"
            for kind in kinds:
                assert _has_example(response["content"][kind]), f"{name}: {status}"
                assert response["content"][kind]["schema"], f"{name}: {status}"


def test_problems_are_documented_where_they_can_happen(document: dict[str, Any]) -> None:
    for name, operation in _operations(document):
        statuses = set(operation["responses"])
        assert {"413", "500"} <= statuses, name
        if "{" in name:
            assert {"404", "422"} <= statuses, name
        if "requestBody" in operation:
            assert {"400", "415", "422"} <= statuses, name
        if not name.endswith(("/healthz", "/v1/info", "/schema")):
            assert "503" in statuses, name
    put = document["paths"]["/v1/rubrics/{rubric_id}"]["put"]
    assert {"412", "428"} <= set(put["responses"])
    assert {"409"} <= set(document["paths"]["/v1/rubrics"]["post"]["responses"])


def test_every_operation_says_what_it_needs(document: dict[str, Any]) -> None:
    for name, operation in _operations(document):
        if name.partition(" ")[2].startswith("/v1"):
            assert operation["security"] == [{"key": []}, {}], name
            assert operation["x-scope"] in ("read", "grade", "author", "admin"), name
            assert {"401", "403", "429", "503"} <= set(operation["responses"]), name
            assert name.startswith("GET") or {"409", "422"} <= set(operation["responses"]), name
        else:
            assert "security" not in operation, name
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_references_resolve(document: dict[str, Any]) -> None:
    def walk(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for key, part in value.items():
                if key == "$ref":
                    yield part
                yield from walk(part)
        elif isinstance(value, list):
            for part in value:
                yield from walk(part)

    names = {reference.removeprefix("#/components/schemas/") for reference in walk(document)}
    assert names <= set(document["components"]["schemas"])


@pytest.mark.parametrize(
    ("model", "example"),
    [
        *((schemas.EvaluationIn, example) for example in examples.EVALUATION_REQUESTS),
        (schemas.EvaluationOut, examples.EVALUATION),
        (schemas.StoredEvaluationOut, examples.STORED_EVALUATION),
        (schemas.EvaluationPage, examples.EVALUATION_PAGE),
        (schemas.RubricPage, examples.RUBRIC_PAGE),
        (schemas.VersionList, examples.VERSION_LIST),
        (schemas.RubricOut, examples.RUBRIC),
        (schemas.RubricCheckOut, examples.RUBRIC_CHECK),
        (schemas.TopicList, examples.TOPICS),
        (schemas.TryIn, examples_drafts.TRY_REQUEST),
        (schemas.TryOut, examples_drafts.TRY),
        (schemas.ReferenceIn, examples_drafts.REFERENCE_REQUEST),
        (schemas.WrittenRubricOut, examples_drafts.WRITTEN),
        (schemas.DrawOut, examples_practice.DRAW),
        (schemas.PracticeIn, examples_practice.PRACTICE_REQUEST),
        (schemas.PracticeOut, examples_practice.PRACTICE),
        (schemas.PracticePage, examples_practice.PRACTICE_PAGE),
        (schemas.BatchIn, examples_batches.BATCH_REQUEST),
        (schemas.BatchOut, examples_batches.BATCH),
        (schemas.BatchPage, examples_batches.BATCH_PAGE),
        (schemas.BatchPreviewOut, examples_batches.PREVIEW),
        (schemas.BatchErrorPage, examples_batches.BATCH_ERRORS),
        (schemas.ReviewIn, examples_reviews.REVIEW_REQUEST),
        (schemas.ReviewedOut, examples_reviews.REVIEWED),
        (schemas.SheetOut, examples_reviews.SHEET),
        (schemas.QueueOut, examples_reviews.QUEUE),
        (schemas.ClaimIn, examples_reviews.CLAIM_REQUEST),
        (schemas.ClaimOut, examples_reviews.CLAIM),
        (schemas.ImportedOut, examples_reviews.IMPORTED),
        (schemas.AgreementOut, examples_agreement.AGREEMENT),
        (schemas.AppealIn, examples_appeals.APPEAL_REQUEST),
        (schemas.RulingIn, examples_appeals.RULING_REQUEST),
        (schemas.AppealOut, examples_appeals.APPEAL),
        (schemas.AppealPage, examples_appeals.APPEAL_PAGE),
        (schemas.RegradeOut, examples_regrades.REGRADE),
        (schemas.MoverPage, examples_regrades.MOVER_PAGE),
        (schemas.CalibrateIn, examples_calibration.REQUEST),
        (schemas.CalibrationOut, examples_calibration.CALIBRATION),
        (schemas.CalibrationAttemptOut, examples_calibration.ATTEMPT),
        (schemas.CalibrationRemovedOut, examples_calibration.REMOVED),
        (schemas.ProposalDecisionIn, examples_proposals.DECISION_REQUEST),
        (schemas.ProposalOut, examples_proposals.PROPOSAL),
        (schemas.ProposalList, examples_proposals.PROPOSALS),
        (schemas.WebhookIn, examples_webhooks.WEBHOOK_REQUEST),
        (schemas.WebhookChangeIn, examples_webhooks.WEBHOOK_CHANGE),
        (schemas.RotateIn, examples_webhooks.ROTATE_REQUEST),
        (schemas.WebhookOut, examples_webhooks.WEBHOOK),
        (schemas.NewWebhookOut, examples_webhooks.NEW_WEBHOOK),
        (schemas.WebhookPage, examples_webhooks.WEBHOOK_PAGE),
        (schemas.DeliveryOut, examples_webhooks.DELIVERY),
        (schemas.DeliveryPage, examples_webhooks.DELIVERY_PAGE),
        (schemas.ReceiptOut, examples_receipts.RECEIPT),
        (schemas.PublicKeyOut, examples_receipts.PUBLIC_KEY),
        (schemas.VerifyIn, examples_receipts.VERIFY_REQUEST),
        (schemas.VerifiedOut, examples_receipts.VERIFIED),
        (keys.KeyIn, examples_keys.KEY_REQUEST),
        (keys.RotationIn, examples_keys.ROTATION_REQUEST),
        (keys.KeyOut, examples_keys.KEY),
        (keys.NewKeyOut, examples_keys.NEW_KEY),
        (keys.KeyPage, examples_keys.KEY_PAGE),
        (schemas.InfoOut, examples.INFO),
        (schemas.Problem, examples.PROBLEM),
    ],
)
def test_examples_hold(model: type[BaseModel], example: dict[str, Any]) -> None:
    model.model_validate(example)
    if not model.__name__.endswith("In"):
        assert set(example) == set(model.model_fields)


def test_the_example_answer_is_marked_truly() -> None:
    load_data(examples.RUBRIC_DOCUMENT)
    evaluation = schemas.EvaluationOut.model_validate(examples.EVALUATION)
    for point in evaluation.key_points:
        assert all(examples.ANSWER[span.start : span.end] == span.quote for span in point.evidence)
    assert evaluation.answer.sha256 == hashlib.sha256(examples.ANSWER.encode()).hexdigest()
    assert evaluation.points == sum(point.weight * point.credit for point in evaluation.key_points)


def test_the_shapes_are_free_of_the_web_and_the_database() -> None:
    code = "import sys, api.schemas, api.settings; sys.exit(bool({'fastapi', 'sqlalchemy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_documentation_page_needs_no_network(client: TestClient) -> None:
    page = client.get("/docs").text
    assert not re.search(r'(src|href)="(https?:)?//', page)
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        assert client.get(address).status_code == 200, address


def test_the_guide_names_every_operation(document: dict[str, Any]) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "http.md").read_text()
    for name, _ in _operations(document):
        path = re.sub(r"\{(\w+?_)?(\w+)\}", lambda match: {"id": "ID", "version": "N"}[match[2]], name)
        assert f"`{path}`" in guide, path


def test_the_guide_names_every_code() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "http.md").read_text()
    codes = {error.code for error in vars(api.errors).values() if isinstance(error, type) and hasattr(error, "code")}
    codes |= set(api.errors.FRAMEWORK_CODES.values())
    for code in codes - {"api_error", "unavailable"}:  # these are only ever raised as one of their children
        assert f"`{code}`" in guide, code
