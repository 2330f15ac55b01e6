"""A rubric, and batches of answers to it, for tests of what becomes of them."""

import io
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from api.db import Database
from api.service import batches
from api.service.batches import Submitted
from rubrics import load_data

RUBRIC = load_data({"id": "boosting", "question": "Why?", "key_points": ["Boosting is sequential.", "Bagging isn't."]})


def submit(database: Database, answers: Iterable[str], dry_run: bool = False) -> UUID:
    """Submit answers of candidates c0, c1, …, each with its number in a column `room`. The rubric is stored."""
    lines = ["candidate,rubric,answer,room", *(f"c{n},boosting,{one},{n}" for n, one in enumerate(answers))]
    content = "\n".join(lines).encode()
    return batches.accept(database, Submitted(io.BytesIO(content), len(content), "a.csv", None, None, None, dry_run)).id


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    """What a query finds."""
    with database.reading() as session:
        return [tuple(row) for row in session.execute(text(query))]


def address(database: Database) -> str:
    """Where a database is."""
    with database.reading() as session:
        return session.get_bind().engine.url.render_as_string(hide_password=False)
