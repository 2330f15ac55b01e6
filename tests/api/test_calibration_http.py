"""A rubric learns from marks: refused without a gain, a draft where it holds, regraded, reverted."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.db import Database
from api.service import calibration
from api.service.reviews import laid_over
from api.settings import Settings
from api.store import evaluations
from api.worker import Worker
from grader.effective import effective
from grader.engine import Engine
from grader.model import EngineInfo
from tests.api.reviewing import Desk, desk

STRICT = "Bagging takes a bootstrap sample, number {}."  # the engine gives b half at most, people give it
RIGHT = "Each tree waits for the tree before it, number {}."  # the engine gives nothing, and so do people
HALF = "Boosting trains models in a row, number {}."  # half of the point a


@dataclass(frozen=True)
class Class:
    """A service with a rubric, and marks on its answers."""

    at: Desk
    database: Database
    work: Callable[[Engine], None]

    @property
    def address(self) -> str:
        return f"/v1/rubrics/{self.at.rubric}"

    def marked(self, count: int, strict: str = "covered", **other: Any) -> list[str]:
        """Answers marked blind, in turn one on which the engine is too strict and two on which it is right."""
        ids = []
        for number in range(count):
            answer = (STRICT, RIGHT)[number % 2].format(number)
            ids.append(self.at.grade(answer, candidate_id=f"{self.at.rubric}-{number}"))
            b = strict if number % 2 == 0 else "missed"
            self.at.reviewed(ids[-1], ("a", "missed"), ("b", b), **({"kind": "blind"} | other))
        return ids

    def post(self, **query: Any) -> Any:
        return self.at.client.post(f"{self.address}:calibrate", json={"reviewer": "ann"}, params=query)

    def read(self) -> dict[str, Any]:
        found = self.at.client.get(f"{self.address}/calibration")
        assert found.status_code == 200, found.text
        return dict(found.json())

    def publish(self, version: int, engine: Engine) -> dict[str, Any]:
        made = self.at.client.post(f"{self.address}/versions/{version}:publish")
        assert made.status_code == 202, made.text
        self.work(engine)
        return dict(self.at.client.get(made.headers["location"]).json())


@pytest.fixture
def place(shared_client: TestClient) -> Class:
    settings: Settings = shared_client.app.state.settings  # type: ignore[attr-defined]
    database: Database = shared_client.app.state.runtime.database  # type: ignore[attr-defined]

    def work(engine: Engine) -> None:
        Worker(settings.database_url, settings, lambda: engine).run_until_idle()

    return Class(desk(shared_client), database, work)


def test_too_few_marks_are_refused_with_the_reason(place: Class) -> None:
    place.marked(4)
    refused = place.post()
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "8 marks on 4 answers" in refused.json()["detail"]
    tried = place.post(dry_run=True)
    assert tried.status_code == 200
    assert (tried.json()["holds"], tried.json()["trial"], tried.json()["version"]) == (False, None, None)
    assert place.read() == {
        "rubric_id": place.at.rubric, "version": 1, "calibration": None, "in_force": False, "history": []
    }  # fmt: skip


def test_without_a_gain_it_is_refused_with_the_figures(place: Class) -> None:
    ids = [place.at.grade(RIGHT.format(number)) for number in range(24)]
    for number, id_ in enumerate(ids):  # by the toss of a coin that the answers know nothing of
        verdict = "covered" if (number * 7) % 24 < 2 else "missed"
        place.at.reviewed(id_, ("a", "missed"), ("b", verdict), kind="blind")
    refused = place.post()
    assert refused.status_code == 409
    assert "± " in refused.json()["detail"]
    tried = place.post(dry_run=True).json()
    assert tried["reason"] == refused.json()["detail"]
    assert tried["trial"]["marks"] == 48


def test_where_it_holds_it_is_a_draft_then_a_version_and_every_answer_is_as_from_scratch(
    place: Class, engine: Engine
) -> None:
    ids = place.marked(40)
    left = place.at.grade(STRICT.format("nobody marked"))
    before = place.at.client.get(f"/v1/evaluations/{left}").json()
    made = place.post()
    assert made.status_code == 201, made.text
    found = made.json()
    assert (found["version"], found["holds"], found["trial"]["answers"]) == (2, True, 40)
    tried = found["trial"]
    for what in ("loss", "distance"):
        assert tried[f"{what}_before"] - tried[f"{what}_after"] > tried[f"{what}_error"] > 0
    assert made.headers["location"] == f"{place.address}/versions/2"
    assert place.read()["calibration"] is None  # a draft grades nothing
    passed = place.publish(2, engine)
    assert passed["counts"]["graded"] == 41
    assert passed["people"]["now_agree"] >= 18
    now = place.read()
    assert (now["version"], now["in_force"], now["calibration"]) == (2, True, found["calibration"])
    assert [(one["version"], one["reviewer"]) for one in now["history"]] == [(2, "ann")]
    assert place.at.client.get(f"/v1/evaluations/{left}").json() == before  # the old evaluation stays
    assert place.at.verdicts(left)["b"] == "covered"
    with place.database.reading() as session:
        for one in laid_over(session, evaluations.newest_of(session, [uuid.UUID(id_) for id_ in [*ids, left]])):
            scratch = engine.grade(one.rubric.rubric, one.stored.submission.text)
            assert (one.stored.evaluation, one.rubric.rubric.version) == (scratch, 2)
            assert one.effective == effective(one.rubric.rubric, scratch, one.ratings)


def test_again_on_calibrated_answers_it_finds_the_same(place: Class, engine: Engine) -> None:
    place.marked(40)
    first = place.post().json()
    place.publish(first["version"], engine)
    again = place.post(dry_run=True).json()
    for name in ("slope", "shift"):
        assert again["calibration"][name] == pytest.approx(first["calibration"][name], abs=1e-3)
    assert again["trial"]["loss_before"] == pytest.approx(first["trial"]["loss_before"], abs=1e-3)


def test_taken_out_the_engine_marks_as_before(place: Class, engine: Engine) -> None:
    place.marked(40)
    id_ = place.at.grade(STRICT.format("x"))
    before = place.at.client.get(f"/v1/evaluations/{id_}").json()
    place.publish(place.post().json()["version"], engine)
    removed = place.at.client.delete(f"{place.address}/calibration")
    assert removed.json() == {"rubric_id": place.at.rubric, "version": 3}
    place.publish(3, engine)
    now = place.at.client.get(f"/v1/evaluations/{place.at.now(id_)['evaluation_id']}").json()
    assert {**now["key_points"][1], "id": "b"} == before["key_points"][1]
    assert now["rubric"]["content_hash"] == before["rubric"]["content_hash"]
    assert place.read()["calibration"] is None
    assert len(place.read()["history"]) == 1
    assert place.at.client.delete(f"{place.address}/calibration").status_code == 404


def test_another_engine_or_wording_does_without_it(place: Class, engine: Engine) -> None:
    place.marked(40)
    place.publish(place.post().json()["version"], engine)
    rubric = place.at.client.get(place.address).json()["rubric"]
    rubric["key_points"][0]["says"] = ["trees one by one"]
    assert place.at.client.put(place.address, json=rubric, headers={"if-match": "*"}).status_code == 200
    now = place.read()
    assert (now["version"], now["in_force"]) == (3, False)
    assert now["calibration"] is not None
    tried = place.post(dry_run=True).json()
    assert (tried["holds"], tried["left_out"]["outdated"]) == (False, 40)
    assert "publish the latest version again" in tried["reason"]


def test_only_corrected_points_and_appeals_teach_nothing(place: Class) -> None:
    """Marks on nothing but the engine's errors would teach that it is always wrong."""
    for number in range(24):
        id_ = place.at.grade(STRICT.format(number))
        place.at.reviewed(id_, ("b", "covered"))
    tried = place.post(dry_run=True).json()
    assert (tried["left_out"]["one_sided"], tried["trial"]) == (24, None)
    assert "accept the rest" in tried["reason"]


def test_of_very_many_answers_the_newest_count(place: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "MOST", 20)
    place.marked(20, strict="missed")  # as the engine says: nothing to learn
    place.marked(20)
    found = place.post(dry_run=True).json()
    assert (found["trial"]["answers"], found["holds"]) == (20, True)


def test_imported_marks_on_whole_answers_count(place: Class, engine: Engine) -> None:
    lines = ["candidate,rubric,mark"]
    for number in range(30):
        place.at.grade(HALF.format(number), candidate_id=f"{place.at.rubric}-w{number}")
        lines.append(f"{place.at.rubric}-w{number},{place.at.rubric},{(3, 3.5)[number % 2]}")
    file = {"file": ("marks.csv", "\n".join(lines).encode(), "text/csv")}
    stored = place.at.client.post("/v1/reviews:import", files=file, data={"reviewer": "old marks"}).json()
    assert stored["stored"] == 30
    made = place.post()
    assert made.status_code == 201, made.text
    found = made.json()
    assert (found["trial"]["answers"], found["trial"]["marks"]) == (30, 30)
    assert found["calibration"]["shift"] > 0
    place.publish(found["version"], engine)


def test_there_is_no_such_rubric(client: TestClient) -> None:
    assert client.get("/v1/rubrics/nowhere/calibration").status_code == 404
    assert client.delete("/v1/rubrics/nowhere/calibration").status_code == 404
    assert client.post("/v1/rubrics/nowhere:calibrate", json={"reviewer": "ann"}).status_code == 404
    assert client.post("/v1/rubrics/nowhere:calibrate", json={}).status_code == 422


def test_identity_of_engines() -> None:
    one = EngineInfo("3", "m", "a")
    assert len({one.identity, EngineInfo("3", "ma", "").identity, EngineInfo("4", "m", "a").identity}) == 3
