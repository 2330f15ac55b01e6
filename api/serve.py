"""`grader serve`: the HTTP service in this process, and what to type next."""

import json
import logging
import shlex
import socket
from contextlib import nullcontext

import typer
import uvicorn

from api.app import create_app
from api.cli_database import open_database
from api.errors import DatabaseUnavailable
from api.observe import logs
from api.service.keys import exist
from api.settings import Settings, variable
from api.worker_process import beside

log = logging.getLogger(__name__)

EXAMPLE = {
    "rubric_id": "bagging-vs-boosting",
    "answer": "In bagging the models are trained in parallel on bootstrap samples and vote. "
    "Boosting trains them one after another, each on the errors of those before it.",
}


def run(settings: Settings) -> None:
    """Listen, print the address, serve until stopped. Exits with 1 where the address can't be had."""
    logs.configure(settings.log_format, settings.log_level)
    refuse_without_keys(settings)
    listener = listen(settings)
    host, port = listener.getsockname()[:2]
    typer.echo(greeting(host, port))
    app = create_app(settings, companion=beside() if settings.worker else nullcontext())
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=10)
    uvicorn.Server(config).run(sockets=[listener])


def refuse_without_keys(settings: Settings) -> None:
    """Exit with 1 and the remedy where others than this machine could reach a service that asks nobody for a key.

    Where the database doesn't answer yet, the service starts, and refuses every request until it has a key.
    """
    if settings.is_local or settings.admin_key:
        return
    try:
        with open_database(settings) as database:
            if exist(database):
                return
    except DatabaseUnavailable as error:
        log.warning("whether there are keys can't be told yet: %s", error)
        return
    typer.echo(
        f"{variable('host')} is {settings.host}, which others can reach, and there are no keys. Make one on this "
        f"machine: grader keys create NAME --scope admin. Or set {variable('admin_key')} to grader_ and 43 to 200 "
        "random letters and digits, as by: echo grader_$(openssl rand -hex 32). Or listen on 127.0.0.1.",
        err=True,
    )
    raise SystemExit(1)


def listen(settings: Settings) -> socket.socket:
    """A listening socket at the settings' address. Exits with 1 and the remedy when there is none."""
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
        # asyncio does this only for sockets that it makes itself; without it, every answer waits 40 ms for an ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        typer.echo(f"Can't listen on {place}: {error.strerror}. Set {variable('host')}, {variable('port')}.", err=True)
        raise SystemExit(1) from error


def greeting(host: str, port: int) -> str:
    """Where the service is, and a command that works when pasted, even while the service is still starting."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    address = f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
    body = shlex.quote(json.dumps(EXAMPLE))
    return (
        f"The page       {address}/\n"
        f"Grading at     {address}/v1\n"
        f"Documentation  {address}/docs\n"
        "Try it:\n"
        f"  curl -fs --retry 30 {address}/v1/evaluations -H 'Content-Type: application/json' -d {body}\n"
    )
