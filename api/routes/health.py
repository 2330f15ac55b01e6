"""/healthz, /readyz and /v1/info."""

from fastapi import APIRouter, Request

from api import examples
from api.deps import RuntimeDep, SettingsDep
from api.errors import NotReady
from api.openapi import documented
from api.schemas import EngineOut, HealthOut, InfoOut, LimitsOut, ReadyOut
from rubrics.document import MAX_KEY_POINTS

router = APIRouter(tags=["service"])


@router.get(
    "/healthz",
    summary="Is the process alive?",
    operation_id="getHealth",
    responses=documented({"status": "ok"}),
)
async def health() -> HealthOut:
    """Answers as soon as the process listens."""
    # Not in the pool of threads, which may be busy grading: a supervisor would take that for a dead process.
    return HealthOut()


@router.get(
    "/readyz",
    summary="Can it grade?",
    operation_id="getReadiness",
    responses=documented({"status": "ready"}, 503),
)
def ready(runtime: RuntimeDep) -> ReadyOut:
    """Ready when the model is loaded and the database answers; otherwise 503 with the reasons."""
    if obstacles := runtime.obstacles():
        raise NotReady("; ".join(f"the {part.field} {part.message}" for part in obstacles), obstacles)
    runtime.database.ping()
    return ReadyOut()


@router.get(
    "/v1/info",
    summary="What is running?",
    operation_id="getInfo",
    responses=documented(examples.INFO),
)
def info(request: Request, runtime: RuntimeDep, settings: SettingsDep) -> InfoOut:
    """Versions and limits."""
    is_loaded = all(part.field != "engine" for part in runtime.obstacles())
    return InfoOut(
        name=request.app.title,
        version=request.app.version,
        engine=EngineOut.model_validate(runtime.engine.info) if is_loaded else None,
        database="external" if settings.database_url else "embedded",
        limits=LimitsOut(
            max_answer_chars=settings.max_answer_chars,
            max_body_bytes=settings.max_body_bytes,
            max_key_points=MAX_KEY_POINTS,
        ),
    )
