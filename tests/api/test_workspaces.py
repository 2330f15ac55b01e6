"""What keeps workspaces apart in the database itself, whoever the database's user is."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine as Connections
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from api.db import Database
from api.migrate import upgrade
from api.service import batches, rubrics
from api.tables import Base
from api.tables.workspaces import BANK, OWNED, READ_BY_ALL, SHARED
from rubrics import load_data
from tests.api.small_batches import RUBRIC, submit
from tests.api.test_migrations import OLD_ROWS

MORE_ROWS = """
INSERT INTO candidates (id) VALUES ('c');
INSERT INTO rubrics (id) VALUES ('packaged'), ('edited');
INSERT INTO rubric_versions (rubric_id, version, source, content_hash, scoring_hash, topic, kind, difficulty, document)
SELECT id, version, source, repeat('0', 64), repeat('0', 64), '', 'open', 'core', '{}'
FROM (VALUES ('packaged', 1, 'bank'), ('edited', 1, 'bank'), ('edited', 2, 'api')) AS v (id, version, source)
"""


def connections(url: str) -> Connections:
    return create_engine(url, poolclass=NullPool)


def owned_by(url: str, user: str) -> str:
    """The same database, which is now this user's, who is nothing else."""
    with connections(url).begin() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"DROP ROLE IF EXISTS {user}"))
        connection.execute(text(f"CREATE ROLE {user} LOGIN"))
        connection.execute(text(f"ALTER DATABASE {name} OWNER TO {user}"))
    return make_url(url).set(username=user).render_as_string(hide_password=False)


@pytest.fixture(params=["superuser", "owner"])
def url(request: pytest.FixtureRequest, new_database: Callable[..., str]) -> str:
    """An empty database of a user who passes row level security by, and of one who only owns it."""
    made = new_database()
    return made if request.param == "superuser" else owned_by(made, f"owner_{make_url(made).database}")


def test_every_table_is_a_workspaces() -> None:
    assert {table.name for table in Base.metadata.sorted_tables} == {*OWNED, *SHARED}
    for table in Base.metadata.sorted_tables:
        assert ("workspace_id" in table.columns) is (table.name in OWNED), table.name


def test_a_query_that_asks_for_all_finds_its_own(url: str) -> None:
    upgrade(url)
    database = Database(url, 2)
    first, second = database.within("first"), database.within("second")
    rubrics.create(first, RUBRIC)
    submit(first, ["a", "b"])
    batch_id = submit(first, ["c"])
    for table in OWNED:
        with second.reading() as session:
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    with second.transaction() as session:
        for table in OWNED:
            if table not in ("reviews", "review_marks", "appeals", "appeal_changes", "proposal_decisions"):
                session.execute(text(f"DELETE FROM {table}"))
    assert batches.read(first, batch_id).id == batch_id
    with database.everywhere().reading() as session:
        assert session.scalar(text("SELECT count(*) FROM batches")) == 2
    database.close()


def test_outside_any_workspace_there_is_nothing_for_an_owner(url: str) -> None:
    upgrade(url)
    database = Database(url, 1)
    rubrics.create(database, RUBRIC)
    database.close()
    with connections(url).connect() as connection:
        is_superuser = connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
        assert connection.scalar(text("SELECT count(*) FROM rubrics")) == bool(is_superuser)
        with pytest.raises(DBAPIError, match=r"grader\.workspace"):
            connection.execute(text("INSERT INTO candidates (id) VALUES ('c')"))


@pytest.mark.parametrize("workspace", ["second", BANK, "*"])
def test_no_row_goes_to_another_workspace(url: str, workspace: str) -> None:
    upgrade(url)
    database = Database(url, 1)
    statement = text("INSERT INTO candidates (workspace_id, id) VALUES (:workspace, 'c')")
    here = database.within("first")
    with (
        pytest.raises(DBAPIError, match=r"row-level security|ck_candidates_workspace_id"),
        here.transaction() as session,
    ):
        session.execute(statement, {"workspace": workspace})
    database.close()


def test_the_bank_is_read_by_all_and_changed_by_none(url: str) -> None:
    upgrade(url)
    database = Database(url, 2)
    rubrics.load_bank(database, [RUBRIC])
    for name in ("first", "second"):
        assert rubrics.read(database.within(name), RUBRIC.id).source == "bank"
    with database.within("first").transaction() as session:
        for table in READ_BY_ALL:
            assert session.execute(text(f"DELETE FROM {table}")).rowcount == 0  # type: ignore[attr-defined]
    assert rubrics.read(database.within("first"), RUBRIC.id).source == "bank"
    database.close()


def test_what_was_there_before_is_the_default_workspaces(url: str) -> None:
    """Rows of an earlier release, brought to this one by whoever owns the database."""
    upgrade(url, "0003")
    run(url, OLD_ROWS)
    upgrade(url, "0006")
    run(url, MORE_ROWS)
    upgrade(url)
    database = Database(url, 1)
    with database.reading() as session:
        found = dict(session.execute(text("SELECT id, workspace_id FROM rubrics")).all())
        counts = {
            table: session.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("evaluations", "candidates")
        }
        versions = session.execute(
            text("SELECT rubric_id, version, workspace_id FROM rubric_versions ORDER BY id")
        ).all()
    assert found == {"packaged": BANK, "edited": "default"}
    assert counts == {"evaluations": 2, "candidates": 1}
    assert [tuple(row) for row in versions] == [
        (None, 1, "default"), ("packaged", 1, BANK), ("edited", 1, "default"), ("edited", 2, "default"),
    ]  # fmt: skip
    with database.within("other").reading() as session:
        assert session.scalars(text("SELECT id FROM rubrics")).all() == ["packaged"]
        assert session.scalar(text("SELECT count(*) FROM evaluations")) == 0
    with pytest.raises(DBAPIError, match="never changes"), database.transaction() as session:
        session.execute(text("UPDATE rubric_versions SET topic = 'x'"))
    database.close()


def run(url: str, script: str) -> None:
    with connections(url).begin() as connection:
        for statement in filter(str.strip, script.split(";")):
            connection.execute(text(statement))


def test_jobs_go_on_in_their_workspace(url: str, tmp_path: Any) -> None:
    from api.settings import Settings
    from api.worker import Worker
    from tests.fakes import fake_engine

    upgrade(url)
    database = Database(url, 2)
    for name in ("first", "second"):
        here = database.within(name)
        rubrics.create(here, load_data({"id": "boosting", "question": name, "key_points": [f"Of {name}."]}))
        submit(here, ["Boosting is sequential.", "Bagging isn't."])
    engine = fake_engine()
    Worker(url, Settings(database_url=url, data_dir=tmp_path), lambda: engine).run_until_idle()
    for name in ("first", "second"):
        [batch], _ = batches.page(database.within(name), None, 10)
        assert (batch.state.value, batch.counts.graded) == ("done", 2)
    with database.everywhere().reading() as session:
        mixed = text(
            "SELECT count(*) FROM evaluations e JOIN rubric_versions v ON v.id = e.rubric_version_id "
            "WHERE e.workspace_id <> v.workspace_id"
        )
        assert session.scalar(mixed) == 0
        assert session.scalar(text("SELECT count(*) FROM evaluations")) == 4
    database.close()
