"""`grader retention`: what is old enough to go, and its removal."""

from datetime import UTC, datetime

import typer

from api.cli_common import read_settings
from api.cli_database import open_database
from api.service import retention
from api.service.retention import Due
from api.settings import variable


def run(apply: bool) -> None:
    """Show what would go, or remove it and show what went."""
    settings, now = read_settings(), datetime.now(UTC)
    with open_database(settings) as database:
        found = retention.due(database, settings, now)
        if not apply:
            typer.echo("\n".join(map(_line, found)))
            typer.echo("Nothing was removed; grader retention --apply does so, and so do workers once an hour.")
            return
        gone = retention.apply(database, settings, now)
    for one in found:
        typer.echo(f"{one.kind}: {gone[one.kind]:,} removed{_kept(one)}")


def _line(one: Due) -> str:
    if not one.days:
        return f"{one.kind}: all kept ({variable(one.setting)}=0)"
    return f"{one.kind}: {one.going:,} older than {one.days:,} days ({variable(one.setting)}){_kept(one)}"


def _kept(one: Due) -> str:
    return f"; {one.kept:,} more kept until their appeals are decided" if one.kept else ""
