"""The review queue: every answer once, whoever asks, and again when somebody lets it lie."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from api.settings import Settings
from grader.engine import Engine
from tests.api.conftest import listening
from tests.api.reviewing import COVERS_A, Desk, desk

REVIEWERS, ANSWERS = 10, 60


@pytest.fixture
def at(client: TestClient) -> Desk:
    return desk(client)


def claim(at: Desk, reviewer: str = "ann", **other: Any) -> dict[str, Any] | None:
    made = at.client.post("/v1/reviews/claims", json={"reviewer": reviewer, "rubric": at.rubric, **other})
    assert made.status_code in (200, 204), made.text
    found: dict[str, Any] | None = made.json() if made.status_code == 200 else None
    return found


def queue(at: Desk, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = at.client.get("/v1/reviews/queue", params={"rubric": at.rubric, **params}).json()
    return found


def test_the_least_certain_comes_first_and_what_is_reviewed_goes(at: Desk) -> None:
    ids = [at.grade(text) for text in (COVERS_A, "Boosting goes one model after another.", "Nothing of it.")]
    shown = queue(at)
    assert shown["waiting"] == 3
    assert {one["evaluation_id"] for one in shown["items"]} == set(ids)
    order = [(not one["needs_review"], one["certainty"]) for one in shown["items"]]
    assert order == sorted(order)
    taken = claim(at)
    assert taken is not None
    first = shown["items"][0]["evaluation_id"]
    assert taken["sheet"]["evaluation_id"] == first
    assert [one["evaluation_id"] for one in queue(at)["items"]] == [one["evaluation_id"] for one in shown["items"][1:]]
    at.reviewed(first, accept_rest=True, claim_id=taken["id"])
    assert queue(at)["waiting"] == 2
    again = at.review(first, accept_rest=True, claim_id=taken["id"])
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_a_sample_is_the_same_for_the_same_seed(at: Desk) -> None:
    ids = [at.grade(f"{COVERS_A} {number}") for number in range(12)]
    one, same, other = (
        [item["evaluation_id"] for item in queue(at, order="sample", seed=seed)["items"]] for seed in (1, 1, 2)
    )
    assert one == same != other
    assert sorted(one) == sorted(other) == sorted(ids)


def test_given_back_it_is_the_next_ones(at: Desk) -> None:
    at.grade()
    taken = claim(at)
    assert taken is not None
    assert claim(at, "ben") is None
    assert at.client.delete(f"/v1/reviews/claims/{taken['id']}").status_code == 204
    assert claim(at, "ben") is not None
    assert at.client.delete(f"/v1/reviews/claims/{taken['id']}").status_code == 404


def test_a_second_rating_is_somebody_elses(at: Desk) -> None:
    id_ = at.grade()
    assert claim(at, "ben", lane="blind") is None
    at.reviewed(id_, accept_rest=True)
    assert queue(at, lane="blind")["items"][0]["certainty"] is None
    assert claim(at, "ann", lane="blind") is None
    taken = claim(at, "ben", lane="blind", order="sample")
    assert taken is not None
    at.reviewed(id_, ("a", "missed"), ("b", "missed"), kind="blind", reviewer="ben", claim_id=taken["id"])
    assert queue(at, lane="blind")["waiting"] == 0
    [waiting] = queue(at, lane="adjudication")["items"]
    assert (waiting["evaluation_id"], waiting["disputed"]) == (id_, ["a"])
    third = claim(at, "cleo", lane="adjudication")
    assert third is not None
    at.reviewed(id_, ("a", "covered"), kind="adjudication", reviewer="cleo", claim_id=third["id"])
    assert queue(at, lane="adjudication")["waiting"] == 0


def test_unscored_answers_dont_wait(at: Desk) -> None:
    at.grade(" ")
    assert queue(at) == {"waiting": 0, "items": []}


@pytest.mark.parametrize("params", [{"rubric": "none"}, {"batch": str(uuid.uuid4())}])
def test_no_such_queue(client: TestClient, params: dict[str, str]) -> None:
    assert client.get("/v1/reviews/queue", params=params).status_code == 404
    assert client.post("/v1/reviews/claims", json={"reviewer": "ann", **params}).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"reviewer": ""}, {"reviewer": "a", "minutes": 0}, {"reviewer": "a", "lane": "fast"}, {"reviewer": 7}]
)
def test_claims_that_mean_nothing(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/v1/reviews/claims", json=body).status_code == 422


@pytest.fixture(scope="module")
def address(shared_client: TestClient, engine: Engine) -> Iterator[tuple[str, str]]:
    settings: Settings = shared_client.app.state.settings  # type: ignore[attr-defined]
    with listening(settings, engine) as found:
        yield found, settings.database_url


def test_ten_reviewers_at_once(address: tuple[str, str], in_parallel: Callable[..., list[Any]]) -> None:
    """Every answer is reviewed once: none twice, none lost, also where somebody claims and goes away."""
    base, url = address
    with httpx.Client(base_url=base, timeout=60) as client:
        at = desk(client)
        ids = [at.grade(f"{COVERS_A} {number}") for number in range(ANSWERS)]
        left = [claim(at, "gone") for _ in range(5)]  # claimed, and never heard of again
        assert None not in left
    with create_engine(url).begin() as connection:
        connection.execute(text("UPDATE review_claims SET expires_at = now() - interval '1 second'"))

    def work(number: int) -> list[str]:
        done = []
        with httpx.Client(base_url=base, timeout=60) as client:
            mine = Desk(client, at.rubric)
            while (taken := claim(mine, f"r{number}")) is not None:
                id_ = taken["sheet"]["evaluation_id"]
                mine.reviewed(id_, reviewer=f"r{number}", accept_rest=True, claim_id=taken["id"])
                done.append(id_)
        return done

    shares = in_parallel(work, range(REVIEWERS))
    assert Counter(id_ for share in shares for id_ in share) == Counter(ids)
    with create_engine(url).begin() as connection:
        these = {"ids": ids}
        query = "SELECT count(*), count(DISTINCT answer_id) FROM reviews WHERE answer_id = ANY(CAST(:ids AS uuid[]))"
        assert connection.execute(text(query), these).one() == (ANSWERS, ANSWERS)
        query = "SELECT count(*) FROM review_claims WHERE answer_id = ANY(CAST(:ids AS uuid[]))"
        assert connection.execute(text(query), these).scalar_one() == 0
    with httpx.Client(base_url=base) as client:
        late = Desk(client, at.rubric).review(ids[0], reviewer="gone", accept_rest=True, claim_id=left[0]["id"])
        assert late.status_code == 409


def test_an_expired_claim_goes_to_the_next(address: tuple[str, str]) -> None:
    base, url = address
    with httpx.Client(base_url=base, timeout=60) as client:
        at = desk(client)
        id_ = at.grade()
        old = claim(at, "ann")
        assert old is not None
        with create_engine(url).begin() as connection:
            connection.execute(text("UPDATE review_claims SET expires_at = now() - interval '1 second'"))
        new = claim(at, "ben")
        assert new is not None
        assert new["sheet"]["evaluation_id"] == id_
        assert at.review(id_, accept_rest=True, claim_id=old["id"]).status_code == 409
        at.reviewed(id_, reviewer="ben", accept_rest=True, claim_id=new["id"])
