"""The HTTP application."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import openapi
from api.access.cors import add_cors
from api.access.guard import Access, Guard
from api.access.idempotency import Idempotency
from api.access.limits import Rates
from api.access.load import EarlyShedding, Load, Shedding
from api.body_limit import BodyLimit
from api.errors import install_handlers
from api.hooks.vault import Vault
from api.observe import tracing
from api.observe.metrics import Metrics
from api.observe.middleware import Observing
from api.receipt_key import ReceiptKey
from api.routes import (
    agreement,
    appeals,
    batch_preview,
    batch_results,
    batches,
    calibration,
    checks,
    drafts,
    evaluations,
    health,
    keys,
    metrics,
    pages,
    practice,
    proposals,
    receipts,
    regrades,
    reviews,
    rubrics,
    topics,
    webhooks,
)
from api.runtime import Runtime
from api.settings import Settings
from grader.engine import Engine

DESCRIPTION: Final = """Grades free-text answers against rubrics, with evidence.

Every error is `application/problem+json` (RFC 9457) with a stable `type` and `code`.
Offsets count Unicode code points of the answer as submitted."""
ROUTES: Final = (
    checks,
    drafts,
    evaluations,
    receipts,
    reviews,
    appeals,
    agreement,
    rubrics,
    regrades,
    calibration,
    proposals,
    topics,
    practice,
    batches,
    batch_preview,
    batch_results,
    webhooks,
    keys,
    health,
    metrics,
    pages,
)


def create_app(
    settings: Settings, engine: Engine | None = None, companion: AbstractContextManager[None] | None = None
) -> FastAPI:
    """The service with these settings. Without an engine, it loads one in the background when it starts.

    `companion`: entered while the service runs, such as a worker beside it.
    """
    runtime = Runtime(settings, engine)
    access, load = Access(settings, runtime), Load(settings.max_in_flight, settings.longest_wait_seconds)
    runtime.on_database = access.tell
    traces, stop_tracing = tracing.start(settings.otlp_endpoint, _version())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        runtime.start()
        with companion or nullcontext():
            yield
        runtime.stop()  # after the companion, so that an embedded database ends with it
        stop_tracing()

    # Its pages bring their own scripts, so that /docs works without a network.
    app = FastAPIOffline(
        redoc_url=None,
        title="answer-grader",
        summary="Grades free-text answers against rubrics, with evidence.",
        description=DESCRIPTION,
        version=_version(),
        lifespan=lifespan,
        telemetry=tracing.telemetry(traces),
    )
    app.state.settings = settings
    app.state.runtime = runtime
    app.state.vault = Vault.read(settings.webhook_key_file)
    app.state.receipt_key = ReceiptKey(settings)
    app.state.routes = []
    app.state.metrics = Metrics(runtime)
    # From the inside out.
    app.add_middleware(Idempotency, runtime=runtime)
    app.add_middleware(Shedding, load=load)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes, upload_limit=settings.max_upload_bytes)
    app.add_middleware(Guard, access=access, rates=Rates(settings.rate_limit), runtime=runtime, routes=app.state.routes)
    app.add_middleware(EarlyShedding, load=load)
    add_cors(app, settings.cors_origins)
    app.add_middleware(Observing, metrics=app.state.metrics, tracer=traces.get_tracer("api"))
    install_handlers(app)
    for routes in ROUTES:
        app.include_router(routes.router)
        app.state.routes += routes.router.routes
    openapi.install(app)
    return app


def _version() -> str:
    try:
        return version("answer-grader")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"
