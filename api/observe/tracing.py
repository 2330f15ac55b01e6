"""Traces to an OpenTelemetry collector, where a setting names one."""

from collections.abc import Callable

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import NoOpTracerProvider, TracerProvider

from api.errors import ApiError


def start(endpoint: str, version: str) -> tuple[TracerProvider, Callable[[], None]]:
    """What makes the spans, and what to call when the process ends. Without an endpoint nothing is traced.

    `endpoint`: of OTLP over HTTP, such as http://collector:4318. A collector that is down costs traces only. Raises
    ApiError with the remedy where the packages that send traces aren't installed.
    """
    if not endpoint:
        return NoOpTracerProvider(), lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider as Exporting
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ApiError(
            f"GRADER_OTLP_ENDPOINT is {endpoint!r} and {error.name} isn't installed: pip install 'answer-grader[otel]'"
        ) from error
    provider = Exporting(resource=Resource.create({"service.name": "answer-grader", "service.version": version}))
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    return provider, provider.shutdown


def telemetry(provider: TracerProvider) -> TelemetryConfig:
    """FastAPI's own spans of requests. Not its records of failures, which hold what was sent."""
    return {"tracer_provider": provider, "operation_spans": False, "metrics": False, "logs": False}
