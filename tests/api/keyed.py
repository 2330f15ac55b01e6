"""A service that asks for keys, and keys of its workspaces."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient

from api.access.model import Scope
from api.db import Database
from api.service.keys import Made, NewKey, create
from api.settings import Settings
from grader.engine import Engine
from tests.api.conftest import running

EVERYTHING = frozenset({Scope.ADMIN})


def make_key(url: str, workspace: str = "default", scopes: frozenset[Scope] = EVERYTHING, **other: Any) -> Made:
    """A key, made past the service as on the command line."""
    database = Database(url, 1)
    try:
        return create(database.within(workspace), NewKey("test", scopes, **other))
    finally:
        database.close()


def shown(made: Made) -> dict[str, str]:
    """The header that shows a key."""
    return {"Authorization": f"Bearer {made.token}"}


@contextmanager
def keyed(url: str, engine: Engine, **settings: Any) -> Iterator[tuple[TestClient, Made]]:
    """A service on a migrated database, and a first key of the workspace default."""
    first = make_key(url)
    with running(Settings(database_url=url, **settings), engine) as client:
        yield client, first
