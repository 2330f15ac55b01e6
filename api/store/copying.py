"""Many rows in one statement. PostgreSQL has no COPY into tables with row level security; this is nearly as fast."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import cast

import psycopg
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from api.store.mapping import StoredEvaluation, evaluation_values, key_point_values, misconception_values
from api.tables import Base, EvaluationRow, KeyPointResultRow, MisconceptionResultRow


def driver_connection(session: Session) -> psycopg.Connection:
    """The driver's connection in the session's transaction."""
    return cast(psycopg.Connection, session.connection().connection.driver_connection)


def copy_rows(session: Session, table: type[Base], rows: Iterable[Mapping[str, object]]) -> None:
    """Insert rows of one table, much faster than a flush does. All have the values of the same attributes."""
    given = list(rows)
    if not given:
        return
    columns = {name: inspect(table).column_attrs[name].columns[0].name for name in given[0]}
    names, target = ", ".join(columns.values()), table.__tablename__
    statement = text(
        f"INSERT INTO {target} ({names}) "  # noqa: S608 - names of our own
        f"SELECT {names} FROM jsonb_populate_recordset(CAST(NULL AS {target}), CAST(:rows AS jsonb))"
    )
    documents = [{columns[name]: value for name, value in row.items()} for row in given]
    session.execute(statement, {"rows": json.dumps(documents, default=str)})


def copy_evaluations(session: Session, stored: Collection[tuple[StoredEvaluation, int]]) -> None:
    """Insert evaluations with their verdicts, each against the rubric version of a row. Their candidates are stored."""
    copy_rows(session, EvaluationRow, (evaluation_values(one, rubric_key) for one, rubric_key in stored))
    copy_rows(session, KeyPointResultRow, (values for one, _ in stored for values in key_point_values(one)))
    copy_rows(session, MisconceptionResultRow, (values for one, _ in stored for values in misconception_values(one)))
