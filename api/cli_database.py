"""The database for a command that runs and ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from api.db import Database, EmbeddedPostgres
from api.errors import AlreadyExists, DatabaseUnavailable
from api.migrate import upgrade
from api.service.rubrics import ANY_VERSION, create, edit
from api.settings import Settings
from api.store.rubrics import StoredRubric
from rubrics import Rubric


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The address of the database that the settings name; an embedded one runs at least as long as the block.

    Raises DatabaseUnavailable in the place of the driver's error.
    """
    if settings.database_url:
        try:
            yield settings.database_url
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise DatabaseUnavailable(f"{reason}\nStart the database, or correct DATABASE_URL.") from error
        return
    server = EmbeddedPostgres(settings.data_dir / "postgres")
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database, upgraded to the tables of this release. Raises DatabaseUnavailable."""
    with database_url(settings) as url:
        upgrade(url)
        database = Database(url, pool_size=1)
        try:
            yield database
        finally:
            database.close()


def store(database: Database, rubric: Rubric) -> StoredRubric:
    """Add a rubric, or put its next version on top of what is stored; what is the same already stays as it is."""
    try:
        return create(database, rubric, "import")
    except AlreadyExists:
        return edit(database, rubric, {ANY_VERSION}, "import")
