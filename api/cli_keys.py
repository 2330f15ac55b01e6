"""`grader keys …`: API keys, on the machine that has the database."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from api.cli_common import read_settings

app = typer.Typer(help="API keys of the service.", no_args_is_help=True)

KEY_ID = Annotated[UUID, typer.Argument(help="A key's id, as list shows it.")]
WORKSPACE = Annotated[str, typer.Option(help="Whose data the key opens; a new name is a new workspace.")]


class ScopeName(StrEnum):
    """What a key may do."""

    GRADE = "grade"
    READ = "read"
    AUTHOR = "author"
    ADMIN = "admin"


DEFAULT_SCOPES = (ScopeName.GRADE, ScopeName.READ)


@app.callback()
def keys() -> None:
    """API keys of the service."""


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who or what gets it.")],
    scope: Annotated[
        list[ScopeName] | None, typer.Option(help="What it may do (by default grade and read); can be given again.")
    ] = None,
    workspace: WORKSPACE = "default",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Until it expires; by default it doesn't.")] = None,
    rate: Annotated[str | None, typer.Option(help="Most requests to one process, as 600/minute.")] = None,
    quota: Annotated[int | None, typer.Option(min=1, max=1_000_000_000, help="Most requests a day, UTC.")] = None,
) -> None:
    """Make a key and print it, once: only its hash is stored. From the first one on, the service asks for a key."""
    import re

    from api.access.model import RATE, scopes_of, workspace_fault
    from api.cli_database import open_database
    from api.service.keys import NewKey
    from api.service.keys import create as make

    if fault := workspace_fault(workspace):
        raise typer.BadParameter(fault, param_hint="--workspace")
    if rate is not None and not re.fullmatch(RATE, rate):
        raise typer.BadParameter(f"{rate!r} is no rate such as 600/minute", param_hint="--rate")
    if not name.strip() or len(name) > 200:
        raise typer.BadParameter("must have 1 to 200 characters", param_hint="NAME")
    with open_database(read_settings()) as database:
        made = make(database.within(workspace), NewKey(name, scopes_of(scope or DEFAULT_SCOPES), days, rate, quota))
    typer.echo(f"Key {made.key.id} of the workspace {workspace}. Keep it: it isn't shown again.", err=True)
    typer.echo(made.token)


@app.command("list")
def list_(workspace: Annotated[str | None, typer.Option(help="Only this one's.")] = None) -> None:
    """Print all keys, newest first, without their secrets: a line each, with tabs between the columns."""
    from api.cli_database import open_database
    from api.service.keys import page
    from api.tables.workspaces import EVERYWHERE

    typer.echo("\t".join(("id", "key", "workspace", "scopes", "made", "expires", "last used", "revoked", "name")))
    with open_database(read_settings()) as database:
        here, rest = database.within(workspace or EVERYWHERE), None
        while True:
            found, rest = page(here, rest, 200)
            for one in found:
                moments = (one.created_at, one.expires_at, one.last_used_at, one.revoked_at)
                when = [f"{moment:%Y-%m-%d %H:%M}" if moment else "-" for moment in moments]
                about = (str(one.id), f"{one.shown}…", one.workspace, ",".join(sorted(one.scopes)))
                typer.echo("\t".join((*about, *when, " ".join(one.name.split()))))
            if rest is None:
                break


@app.command()
def rotate(
    key: KEY_ID,
    overlap_hours: Annotated[int, typer.Option(min=0, max=8760, help="So long the old key is valid, too.")] = 24,
) -> None:
    """Make a key that may do the same as this one, and print it; this one ends after the overlap."""
    from datetime import timedelta

    from api.cli_database import open_database
    from api.service import keys as service

    with open_database(read_settings()) as database:
        old = service.read(database.everywhere(), key)
        made = service.rotate(database.within(old.workspace), key, timedelta(hours=overlap_hours))
    typer.echo(f"Key {made.key.id}; the old one ends in {overlap_hours} h. Keep it: it isn't shown again.", err=True)
    typer.echo(made.token)


@app.command()
def revoke(key: KEY_ID) -> None:
    """End a key at once."""
    from api.cli_database import open_database
    from api.service import keys as service

    with open_database(read_settings()) as database:
        old = service.read(database.everywhere(), key)
        service.revoke(database.within(old.workspace), key)
    typer.echo(f"Key {key} ({old.name}) is revoked.")
