"""The database keeps nonsense out, forgets people entirely, and answers questions about key points."""

import re
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.db import Database
from api.errors import DatabaseUnavailable
from api.service import evaluations, practice, rubrics
from api.service.ids import uuid7
from api.store import evaluations as evaluation_store
from api.store.mapping import Submission
from api.tables import (
    Base,
    CandidateRow,
    EvaluationRow,
    KeyPointResultRow,
    MisconceptionResultRow,
    PracticeAnswerRow,
    PracticeRow,
    RubricVersionRow,
)
from grader.engine import Engine
from rubrics import KeyPoint, Rubric, load_data

RUBRIC = Rubric(
    "store-rubric",
    "How do bagging and boosting differ?",
    (KeyPoint("sequential", "Boosting trains one model after another."), KeyPoint("bootstrap", "Bagging resamples.")),
)
NAN = float("nan")


def grade(database: Database, engine: Engine, text: str, candidate: str | None = None) -> Any:
    stored = rubrics.read(database, RUBRIC.id)
    return evaluations.grade_and_store(database, engine, stored, Submission(text, candidate, {"a": 1}))


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


@pytest.fixture
def graded(database: Database, engine: Engine) -> Any:
    rubrics.create(database, RUBRIC)
    return grade(database, engine, "Boosting trains one model after another.", "c-1")


def evaluation_row(**changes: Any) -> dict[str, Any]:
    id_ = uuid7(datetime.now(UTC))
    row: dict[str, Any] = {
        "id": id_, "answer_id": id_, "certainty": 0.5, "rubric_version_id": 1, "candidate_id": None, "answer": "a",
        "answer_sha256": "0" * 64, "answer_words": 1, "answer_language": "en", "engine_version": "1",
        "engine_model": "m", "engine_weights_hash": "0" * 64, "status": "scored", "unscored_reason": None,
        "points": 1.0, "max_points": 2.0, "coverage": 0.5, "expected_coverage": 0.5, "level": "developing",
        "needs_review": False, "review_reasons": [], "missed": [], "feedback": "", "next_step": "", "follow_ups": [],
        "flags": [], "caller_metadata": None, "created_at": datetime.now(UTC),
    }  # fmt: skip
    return row | changes


def span(**changes: Any) -> list[dict[str, Any]]:
    return [{"quote": "a", "start": 0, "end": 1, "similarity": 0.5} | changes]


def key_point_row(stored: Any, **changes: Any) -> dict[str, Any]:
    row = {
        "evaluation_id": stored.id, "key_point_id": "other", "position": 5, "statement": "s", "weight": 1.0,
        "required": False, "verdict": "missed", "credit": 0.0, "confidence": 0.5, "probability": 0.5, "evidence": [],
        "feedback": "",
    }  # fmt: skip
    return row | changes


def refused(database: Database, table: type[Base], row: dict[str, Any]) -> str:
    """The name of the constraint that refuses the row."""
    with pytest.raises(DBAPIError) as caught, database.transaction() as session:
        session.execute(insert(table).values(row))
    name: str = caught.value.orig.diag.constraint_name  # type: ignore[union-attr]
    return name


EVALUATION_NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"coverage": 1.01}, "ck_evaluations_coverage"),
    ({"coverage": NAN}, "ck_evaluations_coverage"),
    ({"expected_coverage": -0.1}, "ck_evaluations_expected_coverage"),
    ({"points": 2.5}, "ck_evaluations_points"),
    ({"points": -1.0}, "ck_evaluations_points"),
    ({"points": NAN}, "ck_evaluations_points"),
    ({"max_points": 0.0, "points": 0.0}, "ck_evaluations_max_points"),
    ({"max_points": NAN}, "ck_evaluations_max_points"),
    ({"points": None}, "ck_evaluations_scored_points"),
    ({"coverage": None}, "ck_evaluations_scored_coverage"),
    ({"expected_coverage": None}, "ck_evaluations_scored_expected_coverage"),
    ({"level": None}, "ck_evaluations_scored_level"),
    ({"unscored_reason": "blank"}, "ck_evaluations_unscored_reason"),
    ({"status": "unscored", "unscored_reason": "blank", "coverage": None, "expected_coverage": None, "level": None,
      "certainty": None},
     "ck_evaluations_scored_points"),
    ({"status": "done", "unscored_reason": None, "points": None, "coverage": None, "expected_coverage": None,
      "level": None, "certainty": None}, "ck_evaluations_status"),
    ({"answer_sha256": "abc"}, "ck_evaluations_answer_sha256"),
    ({"answer_words": -1}, "ck_evaluations_answer_words"),
    ({"candidate_id": "unknown"}, "fk_evaluations_workspace_id_candidate_id_candidates"),
    ({"rubric_version_id": 99}, "fk_evaluations_rubric_version_id_rubric_versions"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "constraint"), EVALUATION_NONSENSE)
def test_nonsense_about_an_answer(graded: Any, database: Database, changes: dict[str, Any], constraint: str) -> None:
    assert refused(database, EvaluationRow, evaluation_row(**changes)) == constraint


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"credit": 1.5}, "credit"),
        ({"confidence": NAN}, "confidence"),
        ({"probability": -0.1}, "probability"),
        ({"weight": 0.0}, "weight"),
        ({"weight": NAN}, "weight"),
        ({"position": -1}, "position"),
        ({"evidence": span(start=1)}, "evidence"),
        ({"evidence": span(start=-1)}, "evidence"),
        ({"evidence": span(similarity=1.2)}, "evidence"),
        ({"evidence": span(end="1")}, "evidence"),
        ({"evidence": [{"quote": "a"}]}, "evidence"),
        ({"evidence": {}}, "evidence"),
    ],
)
def test_nonsense_about_a_key_point(graded: Any, database: Database, changes: dict[str, Any], constraint: str) -> None:
    row = key_point_row(graded, **changes)
    assert refused(database, KeyPointResultRow, row) == f"ck_key_point_results_{constraint}"


def test_sense_is_accepted(graded: Any, database: Database) -> None:
    unscored = {"status": "unscored", "unscored_reason": "blank"} | dict.fromkeys(
        ("points", "coverage", "expected_coverage", "level", "certainty")
    )
    with database.transaction() as session:
        session.execute(insert(EvaluationRow).values(evaluation_row()))
        session.execute(insert(EvaluationRow).values(evaluation_row(**unscored)))
        session.execute(insert(KeyPointResultRow).values(key_point_row(graded, evidence=span())))


def test_one_verdict_a_key_point(graded: Any, database: Database) -> None:
    row = key_point_row(graded, key_point_id="sequential")
    assert refused(database, KeyPointResultRow, row) == "pk_key_point_results"


@pytest.mark.parametrize(
    ("changes", "constraint"), [({"penalty": -1.0}, "penalty"), ({"confidence": 2.0}, "confidence")]
)
def test_nonsense_about_a_misconception(
    graded: Any, database: Database, changes: dict[str, Any], constraint: str
) -> None:
    row: dict[str, Any] = {
        "evaluation_id": graded.id, "misconception_id": "m", "position": 0, "statement": "s", "confidence": 0.5,
        "evidence": [], "correction": "", "penalty": 0.5,
    }  # fmt: skip
    assert refused(database, MisconceptionResultRow, row | changes) == f"ck_misconception_results_{constraint}"


def test_a_rubric_version_never_changes(graded: Any, database: Database) -> None:
    with pytest.raises(DBAPIError, match="never changes"), database.transaction() as session:
        session.execute(text("UPDATE rubric_versions SET topic = 'other'"))
    assert rubrics.read(database, RUBRIC.id).rubric.topic == ""


def test_a_version_number_is_taken_once(graded: Any, database: Database) -> None:
    row = {
        "rubric_id": RUBRIC.id, "version": 1, "source": "api", "content_hash": "0" * 64, "scoring_hash": "0" * 64,
        "topic": "", "kind": "open", "difficulty": "core", "document": {},
    }  # fmt: skip
    assert refused(database, RubricVersionRow, row) == "uq_rubric_versions_workspace_id_rubric_id_version"
    assert refused(database, RubricVersionRow, row | {"source": "inline"}) == "ck_rubric_versions_inline"
    assert refused(database, RubricVersionRow, row | {"version": 0}) == "ck_rubric_versions_version"


def test_leaving_a_transaction_by_an_error_stores_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        session.execute(insert(CandidateRow).values(id="c"))
        raise ZeroDivisionError
    assert counts(database)["candidates"] == 0


def test_reading_cant_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only"), database.reading() as session:
        session.execute(insert(CandidateRow).values(id="c"))


def test_what_is_stored_comes_back_the_same(graded: Any, database: Database) -> None:
    assert evaluations.read(database, graded.id) == graded


def test_deleting_leaves_nothing_of_a_person(graded: Any, database: Database, engine: Engine) -> None:
    other = grade(database, engine, "Bagging resamples.", "c-1")
    evaluations.delete(database, graded.id)
    assert counts(database)["candidates"] == 1
    evaluations.delete(database, other.id)
    left = counts(database)
    assert left == dict.fromkeys(left, 0) | {"rubrics": 1, "rubric_versions": 1}


def practise(database: Database, engine: Engine, candidate: str | None = "c-1") -> Any:
    rubrics.create(database, replace(RUBRIC, id="second"))
    replies = [practice.Reply(RUBRIC.id, "Bagging resamples."), practice.Reply("second", "")]
    return practice.grade(database, engine, replies, candidate, keep=True).practice


@pytest.mark.parametrize("candidate", ["c-1", None])
def test_a_practice_set_goes_with_two_who_delete_at_once(
    database: Database, engine: Engine, candidate: str | None
) -> None:
    rubrics.create(database, RUBRIC)
    stored = practise(database, engine, candidate)
    assert practice.read(database, stored.id).practice == stored
    first, second = (answer.evaluation.id for answer in stored.answers)
    other = threading.Thread(target=evaluations.delete, args=(database, second))
    with database.transaction() as session:
        evaluation_store.remove(session, first)
        other.start()
        other.join(0.3)
    other.join()
    left = counts(database)
    assert left == dict.fromkeys(left, 0) | {"rubrics": 2, "rubric_versions": 2}


def test_a_practice_set_stays_until_its_last_evaluation_goes(database: Database, engine: Engine) -> None:
    rubrics.create(database, RUBRIC)
    stored = practise(database, engine)
    for answer in stored.answers:
        assert counts(database)["practices"] == 1
        evaluations.delete(database, answer.evaluation.id)
    assert counts(database)["practices"] == counts(database)["practice_answers"] == 0


def test_a_practice_set_is_stored_whole_or_not_at_all(
    database: Database, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rubrics.create(database, RUBRIC)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(practice, "result", fail)
    with pytest.raises(ZeroDivisionError):
        practise(database, engine)
    left = counts(database)
    assert left == dict.fromkeys(left, 0) | {"rubrics": 2, "rubric_versions": 2}


def test_nonsense_about_a_practice_set(graded: Any, database: Database, engine: Engine) -> None:
    stored = practise(database, engine)
    row = {"practice_id": stored.id, "position": 2, "evaluation_id": graded.id}
    unknown = uuid7(datetime.now(UTC))
    table = [
        ({"position": 1}, "pk_practice_answers"),
        ({"position": 50}, "ck_practice_answers_position"),
        ({"position": -1}, "ck_practice_answers_position"),
        ({"evaluation_id": stored.answers[0].evaluation.id}, "uq_practice_answers_evaluation_id"),
        ({"evaluation_id": unknown}, "fk_practice_answers_evaluation_id_evaluations"),
        ({"practice_id": unknown}, "fk_practice_answers_practice_id_practices"),
    ]
    for changes, constraint in table:
        assert refused(database, PracticeAnswerRow, row | changes) == constraint
    nobody = {"id": unknown, "candidate_id": "nobody", "created_at": datetime.now(UTC)}
    assert refused(database, PracticeRow, nobody) == "fk_practices_workspace_id_candidate_id_candidates"


def test_an_inline_rubric_goes_with_its_last_evaluation(database: Database, engine: Engine) -> None:
    inline = load_data({"question": "Why?", "key_points": ["Because."]})
    first, second = (evaluations.grade_and_store(database, engine, inline, Submission("a", None, None)) for _ in "12")
    assert counts(database)["rubric_versions"] == 1
    evaluations.delete(database, first.id)
    assert counts(database)["rubric_versions"] == 1
    evaluations.delete(database, second.id)
    assert counts(database)["rubric_versions"] == 0


def test_the_question_in_the_guide_is_one_statement(graded: Any, database: Database, engine: Engine) -> None:
    grade(database, engine, "Boosting again, nothing else.")
    guide = (Path(__file__).parents[2] / "docs" / "http.md").read_text()
    (statement,) = re.findall(r"```sql\n(.*?)```", guide, re.DOTALL)
    with database.reading() as session:
        rows = session.execute(text(statement)).mappings().all()
    assert rows[0]["key_point_id"] == "bootstrap"
    assert rows[0]["missed"] == rows[0]["answers"] == 2


def test_ids_grow_with_time() -> None:
    moments = [datetime(2026, 1, 1, 0, 0, 0, micro, UTC) for micro in (0, 1, 2, 999, 1000, 999_999)]
    ids = [uuid7(moment) for moment in [*moments, datetime(2026, 1, 1, 0, 0, 1, 0, UTC)]]
    assert ids == sorted(ids)
    assert {(id_.version, id_.variant) for id_ in ids} == {(7, "specified in RFC 4122")}
    assert ids[0].int >> 80 == 1767225600000


BANK = [RUBRIC, replace(RUBRIC, id="second")]


def test_loading_the_bank_again_changes_nothing(database: Database) -> None:
    assert [rubrics.load_bank(database, BANK) for _ in range(2)] == [2, 0]


def test_a_bank_edit_is_a_new_version(database: Database) -> None:
    rubrics.load_bank(database, BANK)
    edited = replace(RUBRIC, question="Compare them.")
    assert rubrics.load_bank(database, [edited]) == 1
    stored = rubrics.versions(database, RUBRIC.id)
    assert [(item.rubric.version, item.source) for item in stored] == [(2, "bank"), (1, "bank")]
    assert rubrics.load_bank(database, [RUBRIC]) == 0, "an older release beside a newer one doesn't undo its edit"


def test_a_bank_edit_never_goes_over_a_users(database: Database) -> None:
    rubrics.load_bank(database, BANK)
    rubrics.edit(database, replace(RUBRIC, question="Mine."), {"*"})
    assert rubrics.load_bank(database, [replace(RUBRIC, question="The bank's.")]) == 1, "which others read"
    assert rubrics.read(database, RUBRIC.id).rubric.question == "Mine."
    stored = rubrics.versions(database, RUBRIC.id)
    assert [(one.rubric.version, one.source) for one in stored] == [
        (2, "api"),
        (1, "bank"),
    ]
    assert rubrics.read(database.within("other"), RUBRIC.id).rubric.question == "The bank's."


def test_two_processes_load_the_bank_at_once(database: Database) -> None:
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(rubrics.load_bank(database, BANK))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 0, 0, 2]


def test_a_statement_that_takes_too_long_is_the_database_being_unavailable(database: Database) -> None:
    def stall(session: Session) -> None:
        session.execute(text("SET LOCAL statement_timeout = '20ms'"))
        session.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(DatabaseUnavailable), database.transaction() as session:
        stall(session)
