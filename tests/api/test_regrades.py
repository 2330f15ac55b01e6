"""Rubric changes: previewed, published, graded again once whatever happens; reviews and old evaluations stay."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.db import Database
from api.service import regrade_pass, regrades, regrading, reviews
from api.service.reviews import laid_over
from api.settings import Settings
from api.store import evaluations
from api.store.regrade_model import RegradeState
from api.worker import Worker
from grader.effective import effective
from grader.engine import Engine
from grader.model import EngineInfo, Evaluation
from rubrics import Rubric
from tests.api.reviewing import COVERS_A, Desk, desk

SAYS_B = "The bags are drawn with replacement."


class Odd(Engine):
    """The same engine; it does something when it comes to some text, counts, and may say that it is another one."""

    def __init__(self, engine: Engine, answer: str = "", action: Callable[[], None] = lambda: None) -> None:
        self._inner, self._answer, self._action = engine, answer, action
        self.info, self.graded = engine.info, 0

    def grade_many(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[Evaluation]:
        whole = list(pairs)
        if any(self._answer and self._answer in text_ for _, text_ in whole):
            self._action()
        for one in self._inner.grade_many(whole):
            self.graded += 1
            yield replace(one, engine=self.info)


@dataclass(frozen=True)
class Place:
    """A service with a rubric, its database, and a worker that works when it is told to."""

    at: Desk
    database: Database
    work: Callable[[Engine], None]

    def draft(self, **changes: Any) -> int:
        address = f"/v1/rubrics/{self.at.rubric}"
        rubric = self.at.client.get(address).json()["rubric"] | changes
        made = self.at.client.put(address, json=rubric, params={"draft": True}, headers={"if-match": "*"})
        assert made.status_code == 200, made.text
        return int(made.json()["version"])

    def wording(self) -> int:
        """A draft with which SAYS_B earns b."""
        points = self.at.client.get(f"/v1/rubrics/{self.at.rubric}").json()["rubric"]["key_points"]
        points[1]["says"] = [*points[1]["says"], SAYS_B]
        return self.draft(key_points=points)

    def post(self, version: int, what: str) -> Any:
        return self.at.client.post(f"/v1/rubrics/{self.at.rubric}/versions/{version}:{what}")

    def passed(self, version: int, what: str, engine: Engine) -> dict[str, Any]:
        made = self.post(version, what)
        assert made.status_code == 202, made.text
        self.work(engine)
        found: dict[str, Any] = self.at.client.get(made.headers["location"]).json()
        return found


@pytest.fixture
def place(shared_client: TestClient) -> Place:
    settings: Settings = shared_client.app.state.settings  # type: ignore[attr-defined]
    database: Database = shared_client.app.state.runtime.database  # type: ignore[attr-defined]

    def work(engine: Engine) -> None:
        Worker(settings.database_url, settings, lambda: engine).run_until_idle()

    return Place(desk(shared_client), database, work)


def test_a_draft_grades_nothing_until_it_is_published(place: Place, engine: Engine) -> None:
    version = place.wording()
    address = f"/v1/rubrics/{place.at.rubric}"
    assert version == 2
    assert place.at.client.get(address).json()["version"] == 1
    assert [one["draft"] for one in place.at.client.get(f"{address}/versions").json()["items"]] == [True, False]
    assert place.at.client.get(f"{address}/versions/2").json()["draft"] is True
    id_ = place.at.grade()
    assert place.at.client.get(f"/v1/evaluations/{id_}").json()["rubric"]["version"] == 1
    place.passed(version, "publish", engine)
    assert place.at.client.get(address).json()["version"] == 2
    assert place.draft(topic="trees") == 3


def test_a_preview_shows_the_difference_and_changes_nothing(place: Place, engine: Engine) -> None:
    moved = place.at.grade(f"{COVERS_A} {SAYS_B}", candidate_id="c-1")
    same = [place.at.grade(f"{COVERS_A} {number}") for number in range(3)]
    place.at.reviewed(moved, ("b", "covered"))
    place.at.reviewed(same[0], ("b", "missed"))
    before = [place.at.now(id_) for id_ in (moved, *same)]
    found = place.passed(place.wording(), "preview", engine)
    assert (found["state"], found["mode"]) == ("done", "preview")
    assert found["counts"] == {"unaffected": 0, "items": 4, "waiting": 0, "graded": 4, "failed": 0}
    assert found["key_points"] == [{"key_point_id": "b", "before": "missed", "after": "covered", "answers": 1}]
    assert found["people"] == {"marks": 2, "now_agree": 1, "now_disagree": 0}
    assert (found["points"]["up"], found["levels"]) == (0, [])  # a person had given the point already
    assert [place.at.now(id_) for id_ in (moved, *same)] == before
    assert found["finished_at"] >= found["started_at"] >= found["created_at"]


def test_who_moves_most_first(place: Place, engine: Engine) -> None:
    ids = [place.at.grade(f"{COVERS_A} {SAYS_B} {number}", candidate_id=f"m-{number}") for number in range(3)]
    place.at.grade()
    found = place.passed(place.wording(), "preview", engine)
    assert found["points"] == {
        "up": 3, "down": 0, "mean_change": 0.75, "largest_gain": 1.0, "largest_loss": 0.0
    }  # fmt: skip
    assert found["levels"] == [{"before": "proficient", "after": "excellent", "answers": 3}]
    address, shown, cursor = f"/v1/regrades/{found['id']}/answers", [], None
    while True:
        page = place.at.client.get(address, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        shown += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(one["evaluation_id"] for one in shown) == sorted(ids)
    assert {one["verdicts"][0]["after"] for one in shown} == {"covered"}
    assert place.at.client.get(address, params={"cursor": "YWJj"}).status_code == 422


def test_published_the_newest_counts_and_nothing_is_lost(place: Place, engine: Engine) -> None:
    moved = place.at.grade(f"{COVERS_A} {SAYS_B}", candidate_id="c-2", metadata={"round": 1})
    reviewed = place.at.grade(f"{COVERS_A} {SAYS_B} 2")
    place.at.reviewed(reviewed, ("b", "missed"))
    old = place.at.client.get(f"/v1/evaluations/{moved}").json()
    found = place.passed(place.wording(), "publish", engine)
    assert found["people"] == {"marks": 1, "now_agree": 0, "now_disagree": 1}
    assert place.at.client.get(f"/v1/evaluations/{moved}").json() == old
    now = place.at.now(moved)
    assert (now["answer_id"], now["rubric"]["version"], now["effective"]["points"]) == (moved, 2, 4.0)
    new = place.at.client.get(f"/v1/evaluations/{now['evaluation_id']}").json()
    assert (new["metadata"], new["candidate_id"]) == ({"round": 1}, "c-2")
    kept = place.at.now(reviewed)
    assert kept["evaluation_id"] != reviewed
    assert (kept["effective"]["key_points"][1]["verdict"], kept["effective"]["key_points"][1]["engine_verdict"]) == (
        "missed",
        "covered",
    )
    assert [one["rubric"]["version"] for one in kept["history"]] == [1]
    listed = place.at.client.get("/v1/evaluations", params={"rubric_id": place.at.rubric}).json()["items"]
    assert len(listed) == 4
    newest = {"rubric_id": place.at.rubric, "current": True}
    assert len(place.at.client.get("/v1/evaluations", params=newest).json()["items"]) == 2
    assert place.at.client.delete(f"/v1/evaluations/{now['evaluation_id']}").status_code == 204
    assert place.at.client.get(f"/v1/evaluations/{moved}").status_code == 404


def test_only_what_can_change_is_graded(place: Place, engine: Engine) -> None:
    place.at.grade()
    odd = Odd(engine)
    found = place.passed(place.draft(follow_ups=[{"question": "Why?", "key_points": ["b"]}]), "publish", odd)
    assert (found["counts"]["unaffected"], found["counts"]["items"], odd.graded) == (1, 0, 0)
    assert place.passed(place.wording(), "preview", odd)["counts"]["unaffected"] == 0
    assert odd.graded == 1


def test_a_new_engine_is_previewed_and_published_the_same_way(place: Place, engine: Engine) -> None:
    id_ = place.at.grade()
    newer = Odd(engine)
    newer.info = EngineInfo("5", "other", "1" * 64)
    assert place.passed(1, "preview", newer)["counts"]["graded"] == 1
    found = place.passed(1, "publish", newer)
    assert (found["engine"]["version"], found["counts"]["graded"]) == ("5", 1)
    assert place.at.now(id_)["engine"]["version"] == "5"
    assert place.passed(1, "publish", newer)["counts"]["unaffected"] == 1


def test_identical_answers_are_graded_once(place: Place, engine: Engine) -> None:
    for _ in range(3):
        place.at.grade()
    odd = Odd(engine)
    assert place.passed(place.wording(), "preview", odd)["counts"]["graded"] == 3
    assert odd.graded == 1


def test_a_mark_on_a_restated_key_point_stays_in_the_history_only(place: Place, engine: Engine) -> None:
    id_ = place.at.grade()
    place.at.reviewed(id_, ("b", "covered"))
    points = place.at.client.get(f"/v1/rubrics/{place.at.rubric}").json()["rubric"]["key_points"]
    points[1]["statement"] = "Bagging averages models that are trained apart."
    place.passed(place.draft(key_points=points), "publish", engine)
    now = place.at.now(id_)
    assert now["effective"]["key_points"][1]["decided"] is None
    assert now["history"][0]["marks"][0]["applies"] is False


def test_one_pass_at_a_time_and_only_forward(place: Place, engine: Engine) -> None:
    draft, newer = place.wording(), place.draft(topic="later")
    first = place.post(draft, "preview")
    assert place.post(draft, "publish").status_code == 409
    place.work(engine)
    assert place.at.client.get(first.headers["location"]).json()["state"] == "done"
    place.passed(newer, "publish", engine)
    refused = place.post(draft, "publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert place.post(99, "preview").status_code == 404
    assert place.at.client.get(f"/v1/regrades/{uuid.uuid4()}").status_code == 404
    assert place.at.client.get(f"/v1/regrades/{uuid.uuid4()}/answers").status_code == 404


def test_killed_in_the_middle_it_resumes(place: Place, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies with a chunk half stored leaves the rest to the next; after that, all is as from scratch."""
    monkeypatch.setattr(regrading, "CHUNK", 40)
    monkeypatch.setattr(regrade_pass, "SLICE", 8)
    ids = [place.at.grade(f"{COVERS_A} {SAYS_B if number % 3 else ''} {number}") for number in range(100)]
    for number in range(0, 100, 7):
        place.at.reviewed(ids[number], ("b", "partial"))
    version = place.wording()
    regrade = regrades.publish(place.database, place.at.rubric, version)
    regrading.collect(place.database, engine, regrade.id)
    regrading.collect(place.database, engine, regrade.id)  # a job may run twice

    class Dead(BaseException):
        """What a process that dies would leave."""

    def die() -> bool:
        raise Dead

    with pytest.raises(Dead):
        regrading.grade(place.database, engine, regrade.id, 1, die)
    found, made = regrades.read(place.database, regrade.id)
    assert (found.state, made.graded, made.waiting) == (RegradeState.GRADING, 8, 92)
    odd = Odd(engine)
    place.work(odd)
    found, made = regrades.read(place.database, regrade.id)
    assert (found.state, made.graded, made.failed) == (RegradeState.DONE, 100, 0)
    assert odd.graded == 92
    with place.database.reading() as session:
        counts = "SELECT count(*), count(DISTINCT answer_id) FROM evaluations e JOIN rubric_versions v ON v.id = "
        query = text(counts + "e.rubric_version_id WHERE v.rubric_id = :id AND v.version = 2")
        assert session.execute(query, {"id": place.at.rubric}).one() == (100, 100)
        for one in laid_over(session, evaluations.newest_of(session, [uuid.UUID(id_) for id_ in ids])):
            scratch = engine.grade(one.rubric.rubric, one.stored.submission.text)
            assert one.rubric.rubric.version == version
            assert one.stored.evaluation == scratch
            assert one.effective == effective(one.rubric.rubric, scratch, one.ratings)


def test_an_answer_that_kills_its_workers_ends_alone(place: Place, engine: Engine) -> None:
    class Dead(BaseException):
        """What a process that dies would leave."""

    def die() -> None:
        raise Dead

    for number in range(9):
        place.at.grade(f"{COVERS_A} {'poison' if number == 4 else number}")
    regrade = regrades.preview(place.database, place.at.rubric, place.wording())
    regrading.collect(place.database, engine, regrade.id)
    poisoned, deaths = Odd(engine, "poison", die), 0
    while regrades.read(place.database, regrade.id)[0].state is RegradeState.GRADING:
        with place.database.reading() as session:
            query = text("SELECT number FROM regrade_chunks WHERE regrade_id = :id AND state = 'waiting'")
            todo = list(session.scalars(query, {"id": regrade.id}))
        for number in todo:
            try:
                regrading.grade(place.database, poisoned, regrade.id, number, lambda: True)
            except Dead:
                deaths += 1
        assert deaths < 20
    made = regrades.read(place.database, regrade.id)[1]
    assert (made.graded, made.failed) == (8, 1)
    place.work(engine)  # jobs that nothing is left for
    assert regrades.read(place.database, regrade.id)[1] == made


def test_a_failed_answer_keeps_its_old_evaluation(place: Place, engine: Engine) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    id_ = place.at.grade(f"{COVERS_A} odd")
    found = place.passed(place.wording(), "publish", Odd(engine, "odd", fail))
    assert found["counts"]["failed"] == 1
    assert reviews.read(place.database, uuid.UUID(id_)).stored.id == uuid.UUID(id_)
