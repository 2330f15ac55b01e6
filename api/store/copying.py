"""Many rows at once: PostgreSQL's COPY, in the session's transaction."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import cast

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from api.store.mapping import StoredEvaluation, evaluation_values, key_point_values, misconception_values
from api.tables import Base, EvaluationRow, KeyPointResultRow, MisconceptionResultRow


def driver_connection(session: Session) -> psycopg.Connection:
    """The driver's connection in the session's transaction."""
    return cast(psycopg.Connection, session.connection().connection.driver_connection)


def copy_rows(session: Session, table: type[Base], rows: Iterable[Mapping[str, object]]) -> None:
    """Insert rows of one table, much faster than a flush does. All have the values of the same attributes."""
    rest = iter(rows)
    first = next(rest, None)
    if first is None:
        return
    columns = {name: inspect(table).column_attrs[name].columns[0] for name in first}
    is_json = [isinstance(column.type, JSONB) for column in columns.values()]
    names = ", ".join(column.name for column in columns.values())
    statement = f"COPY {table.__tablename__} ({names}) FROM STDIN"
    with driver_connection(session).cursor() as cursor, cursor.copy(statement) as copy:
        for row in chain([first], rest):
            copy.write_row([_adapted(row[name], json) for name, json in zip(columns, is_json, strict=True)])


def copy_evaluations(session: Session, stored: Collection[tuple[StoredEvaluation, int]]) -> None:
    """Insert evaluations with their verdicts, each against the rubric version of a row. Their candidates are stored."""
    copy_rows(session, EvaluationRow, (evaluation_values(one, rubric_key) for one, rubric_key in stored))
    copy_rows(session, KeyPointResultRow, (values for one, _ in stored for values in key_point_values(one)))
    copy_rows(session, MisconceptionResultRow, (values for one, _ in stored for values in misconception_values(one)))


def _adapted(value: object, is_json: bool) -> object:
    return Jsonb(value) if is_json and value is not None else value
