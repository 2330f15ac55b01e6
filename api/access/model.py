"""Keys and callers, and what a key looks like. No I/O."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from api.tables.workspaces import BANK, DEFAULT

PREFIX: Final = "grader_"
BYTES: Final = 32  # 256 random bits
SHOWN: Final = len(PREFIX) + 6  # characters by which a key is recognised: 36 of its bits
TOKEN: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43,200}}", re.ASCII)
WORKSPACE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
RATE: Final = r"^[1-9][0-9]{0,6}/(second|minute|hour)$"


class Scope(StrEnum):
    """What a key may do in its workspace. admin: everything, and managing its keys."""

    GRADE = "grade"
    READ = "read"
    AUTHOR = "author"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is stored. `shown`: its first characters; `replaces`: the one that it was rotated from.

    rate_limit: such as 600/minute, None for the setting's; daily_quota: requests a day (UTC), None for any number.
    """

    id: UUID
    name: str
    shown: str
    scopes: frozenset[Scope]
    workspace: str
    rate_limit: str | None
    daily_quota: int | None
    replaces: UUID | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request. `owner`: the key's id, all zeros for whoever calls a service without keys."""

    owner: UUID
    workspace: str
    scopes: frozenset[Scope]
    rate_limit: str | None = None
    daily_quota: int | None = None

    def may(self, scope: Scope) -> bool:
        """Whether a key of these scopes is enough."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


ANYBODY: Final = Caller(UUID(int=0), DEFAULT, frozenset(Scope))


def caller_of(key: Key) -> Caller:
    """Whoever shows this key."""
    return Caller(key.id, key.workspace, key.scopes, key.rate_limit, key.daily_quota)


def new_token() -> str:
    """A key, to be shown once."""
    return PREFIX + secrets.token_urlsafe(BYTES)


def token_hash(token: str) -> str:
    """What is stored of a key: SHA-256, in hex.

    A slow hash, such as a password needs, would add nothing: nobody can try 2^256 keys, however fast each try is.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def owner_of(token: str) -> UUID:
    """An id for a key that isn't stored, the same in every process."""
    return UUID(bytes=hashlib.sha256(b"owner:" + token.encode()).digest()[:16], version=5)


def workspace_fault(name: str) -> str | None:
    """Why a workspace can't have this name; None when it can."""
    if name == BANK:
        return f"{BANK!r} is where the packaged rubrics are; choose another name"
    if not WORKSPACE.fullmatch(name):
        return f"{name!r} is no name for a workspace; use up to 63 small letters, digits, - and _"
    return None


def scopes_of(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names. Raises ValueError."""
    return frozenset(map(Scope, names))
