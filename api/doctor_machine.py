"""Checks of the machine: its disk, its clock, and the address that the service listens on."""

import errno
import json
import os
import shutil
import socket
import stat
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from api.doctor_check import Check
from api.settings import Settings, variable

LEAST_FREE: Final = 1_000_000_000  # bytes: a converted model and a database that begins to fill
RELEASED: Final = datetime(2026, 1, 1, tzinfo=UTC)
MOST_APART: Final = 5.0  # seconds between this machine and the database's: signatures and expiries go by the clock


def nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def check_disk(settings: Settings) -> Check:
    """Is there room where the data are?"""
    free = shutil.disk_usage(nearest(settings.data_dir.resolve())).free
    remedy = f"make room, or set {variable('data_dir')} to a folder on another disk"
    return Check("disk", free >= LEAST_FREE, f"{free / 1e9:.1f} GB free for {settings.data_dir.resolve()}", remedy)


def check_embedded_folder(settings: Settings) -> Check:
    """PostgreSQL refuses a data folder of another user's, and one that others may read."""
    folder = settings.data_dir.resolve() / "postgres"
    if not (folder / "PG_VERSION").exists():
        return Check("database folder", True, "none yet")
    found = folder.stat()
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid not in (os.getuid(), 0) and os.getuid() != 0:
        return Check(
            "database folder", False, f"{folder} belongs to user {found.st_uid}", f"chown -R {os.getuid()} {folder}"
        )
    if mode & 0o027:
        return Check("database folder", False, f"{folder} has mode {mode:o}", f"chmod 700 {folder}")
    return Check("database folder", True, f"{folder}, mode {mode:o}")


def check_clock(now: datetime | None = None, database_now: datetime | None = None) -> Check:
    """Is the time right, as far as can be told: later than this release, and that of the database?"""
    now = now or datetime.now(UTC)
    remedy = "set the clock; a time service such as chrony keeps it right"
    if now < RELEASED:
        return Check("clock", False, f"{now:%Y-%m-%d %H:%M:%S} UTC is before this release", remedy)
    apart = abs((database_now - now).total_seconds()) if database_now else 0.0
    if apart > MOST_APART:
        return Check("clock", False, f"{apart:.0f} s apart from the database's", remedy)
    return Check("clock", True, f"{now:%Y-%m-%d %H:%M:%S} UTC")


def check_port(settings: Settings) -> Check:
    """Can the service have its address, or does it run there already?"""
    place = f"{settings.host}:{settings.port}"
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        with socket.create_server((settings.host, settings.port), family=family):
            return Check("address", True, f"{place} is free")
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _is_ours(settings):
            return Check("address", True, f"the service runs at {place}")
        return Check("address", False, f"{place}: {error.strerror or error}", _remedy(error))


def _remedy(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"stop the program that listens there, or set {variable('port')}"
    if error.errno == errno.EACCES:
        return f"set {variable('port')} to 1024 or more, or start it with the right to low ports"
    return f"set {variable('host')} to an address of this machine, such as 127.0.0.1"


def _is_ours(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    connection = HTTPConnection(host, settings.port, timeout=3)
    try:
        connection.request("GET", "/v1/info")
        return bool(json.loads(connection.getresponse().read(100_000))["name"] == "answer-grader")
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return False
    finally:
        connection.close()
