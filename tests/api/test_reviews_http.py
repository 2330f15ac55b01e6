"""/v1/evaluations/ID/reviews: what people say is added, laid over the engine's result, and never lost."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.db import Database
from api.service import evaluations, reviews
from api.service.reviews import NewRating
from api.service.rubrics import create
from api.store.mapping import Submission
from api.tables.reviews import APPEND_ONLY
from grader.engine import Engine
from grader.rate import Said
from grader.rating import RatingKind
from rubrics import load_data
from tests.api.reviewing import COVERS_A, Desk, desk, new_rubric


@pytest.fixture
def at(client: TestClient) -> Desk:
    return desk(client)


def test_a_changed_verdict_counts_and_the_evaluation_stays(at: Desk) -> None:
    id_ = at.grade()
    before = at.client.get(f"/v1/evaluations/{id_}").json()
    found = at.reviewed(id_, ("b", "covered"))
    assert (found["answer_id"], found["evaluation_id"]) == (id_, id_)
    effective = found["effective"]
    assert (effective["points"], effective["coverage"], effective["level"]) == (4.0, 1.0, "excellent")
    point = effective["key_points"][1]
    assert (point["engine_verdict"], point["verdict"], point["decided"]["reviewer"]) == ("missed", "covered", "ann")
    assert effective["key_points"][0]["decided"] is None
    assert at.client.get(f"/v1/evaluations/{id_}").json() == before
    assert at.now(id_) == found


def test_history_tells_who_when_why_and_on_which_versions(at: Desk) -> None:
    id_ = at.grade()
    at.reviewed(id_, ("b", "covered"), comment="Read twice.")
    found = at.reviewed(id_, ("b", "partial"), reviewer="ben")
    evaluation = at.client.get(f"/v1/evaluations/{id_}").json()
    assert [(one["reviewer"], one["kind"], one["comment"]) for one in found["history"]] == [
        ("ann", "review", "Read twice."),
        ("ben", "review", ""),
    ]
    assert found["history"][0]["created_at"] < found["history"][1]["created_at"]
    assert all(one["rubric"] == evaluation["rubric"] for one in found["history"])
    assert all(one["engine"] == evaluation["engine"] for one in found["history"])
    assert found["history"][0]["marks"][0] | {"statement": ""} == {
        "target": "key_point", "id": "b", "statement": "", "verdict": "covered", "points": None, "reason": "because",
        "quote": None, "applies": True,
    }  # fmt: skip
    assert at.verdicts(id_)["b"] == "partial"


def test_a_misconception_that_the_engine_overlooked(at: Desk) -> None:
    id_ = at.grade()
    found = at.reviewed(id_, misconceptions=[{"id": "m", "asserted": True, "reason": "it says so"}])
    assert found["effective"]["points"] == 2.0
    [wrong] = found["effective"]["misconceptions"]
    assert (wrong["asserted"], wrong["engine_asserted"], wrong["decided"]["reason"]) == (True, False, "it says so")


def test_a_blind_rater_sees_no_verdict_and_differs_until_somebody_decides(at: Desk) -> None:
    id_ = at.grade()
    at.reviewed(id_, ("b", "covered"), accept_rest=True)
    sheet = at.client.get(f"/v1/evaluations/{id_}/sheet").json()
    assert sheet["answer"] == COVERS_A
    assert [set(one) for one in sheet["key_points"]] == [{"id", "statement"}] * 2
    assert not {"verdict", "history", "effective"} & set(str(sheet).replace("'", " ").split())
    found = at.reviewed(id_, ("a", "covered"), ("b", "missed"), kind="blind", reviewer="ben")
    assert found["disputed"] == ["b"]
    assert at.verdicts(id_)["b"] == "covered"  # a blind rating measures; it doesn't decide against another
    found = at.reviewed(id_, ("b", "missed"), kind="adjudication", reviewer="cleo")
    assert (found["disputed"], at.verdicts(id_)["b"]) == ([], "missed")
    refused = at.review(id_, ("b", "covered"))
    assert refused.status_code == 422
    assert "adjudication" in refused.json()["detail"]
    assert len(at.now(id_)["history"]) == 3


def test_who_has_seen_the_verdicts_cant_rate_blind(at: Desk) -> None:
    id_ = at.grade()
    at.reviewed(id_, ("b", "covered"))
    refused = at.review(id_, ("a", "covered"), ("b", "missed"), kind="blind")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


def test_a_mark_for_the_whole_answer(at: Desk) -> None:
    found = at.reviewed(at.grade(), points=1.5)
    assert (found["effective"]["points"], found["effective"]["total"]["reviewer"]) == (1.5, "ann")
    assert at.reviewed(found["answer_id"], ("b", "covered"))["effective"]["total"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reviewer"),
        ({"reviewer": ""}, "reviewer"),
        ({"reviewer": "ann"}, "body"),
        ({"reviewer": "a\0", "accept_rest": True}, "reviewer"),
        ({"reviewer": "ann", "kind": "appeal", "accept_rest": True}, "kind"),
        ({"reviewer": "ann", "points": -1}, "points"),
        ({"reviewer": "ann", "points": 99}, "points"),
        ({"reviewer": "ann", "key_points": [{"id": "x", "verdict": "covered"}]}, "key_points[0].id"),
        ({"reviewer": "ann", "key_points": [{"id": "a", "verdict": "good"}]}, "key_points[0].verdict"),
        ({"reviewer": "ann", "key_points": [{"id": "b", "verdict": "covered"}]}, "key_points[0].reason"),
        (
            {"reviewer": "ann", "key_points": [{"id": "b", "verdict": "covered", "reason": "x", "quote": "y!"}]},
            "key_points[0].quote",
        ),
    ],
)
def test_what_means_nothing_is_refused(at: Desk, body: dict[str, Any], field: str) -> None:
    id_ = at.grade()
    refused = at.client.post(f"/v1/evaluations/{id_}/reviews", json=body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"] == field
    assert at.now(id_)["history"] == []


def test_an_unscored_answer_has_nothing_to_review(at: Desk) -> None:
    refused = at.review(at.grade(" "), accept_rest=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "blank" in refused.json()["detail"]


@pytest.mark.parametrize("place", ["reviews", "sheet"])
def test_no_such_evaluation(client: TestClient, place: str) -> None:
    assert client.get(f"/v1/evaluations/{uuid.uuid4()}/{place}").status_code == 404
    body = {"reviewer": "ann", "accept_rest": True}
    assert client.post(f"/v1/evaluations/{uuid.uuid4()}/reviews", json=body).status_code == 404


def test_reviews_go_with_their_answer(at: Desk) -> None:
    id_ = at.grade(candidate_id="c-1")
    at.reviewed(id_, ("b", "covered"))
    assert at.client.delete(f"/v1/evaluations/{id_}").status_code == 204
    assert at.client.get(f"/v1/evaluations/{id_}/reviews").status_code == 404


@pytest.fixture
def said(database: Database, engine: Engine) -> Database:
    rubric = create(database, load_data(new_rubric()))
    stored = evaluations.grade_and_store(database, engine, rubric, Submission(COVERS_A, None, None))
    reviews.add(database, stored.id, NewRating(RatingKind.REVIEW, "ann", "", Said((), accept_rest=True)))
    return database


@pytest.mark.parametrize("change", ["UPDATE reviews SET reviewer = 'ben'", "DELETE FROM reviews"])
@pytest.mark.parametrize("table", ["reviews", "review_marks"])
def test_nothing_is_ever_overwritten(said: Database, table: str, change: str) -> None:
    statement = change.replace("reviews", table).replace(
        "reviewer", "reason" if table == "review_marks" else "reviewer"
    )
    with pytest.raises(DBAPIError, match=f"never changes: add to {table}"), said.transaction() as session:
        session.execute(text(statement))
    with said.reading() as session:
        assert session.execute(text("SELECT reviewer FROM reviews")).all() == [("ann",)]


def test_every_table_of_words_is_append_only(database: Database) -> None:
    with database.reading() as session:
        query = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_append_only'"
        guarded = {name for (name,) in session.execute(text(query))}
    assert guarded == {row.__tablename__ for row in APPEND_ONLY}


def test_two_at_once_both_stay(said: Database, in_parallel: Callable[..., list[Any]]) -> None:
    with said.reading() as session:
        id_ = session.execute(text("SELECT id FROM evaluations")).scalar_one()

    def add(number: int) -> None:
        reviews.add(said, id_, NewRating(RatingKind.REVIEW, f"r{number}", "", Said((), points=float(number % 4))))

    in_parallel(add, range(8))
    assert len(reviews.read(said, id_).ratings) == 9
