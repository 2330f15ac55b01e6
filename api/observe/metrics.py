"""Numbers for Prometheus."""

from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.errors import DatabaseUnavailable, NotReady
from api.observe.record import Record
from api.runtime import Runtime
from api.store import queue

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
TENTHS: Final = tuple(number / 10 for number in range(11))


class Metrics:
    """Counts what one application serves. Labels come from the code and its routes, never from a request's texts."""

    def __init__(self, runtime: Runtime) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Now(runtime))
        self._requests = Counter(
            "grader_http_requests",
            "Requests by method, route and status.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "grader_http_request_seconds", "From a request's first byte to its answer's last.", ("method", "route"),
            buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._stages = Histogram(
            "grader_stage_seconds", "Of a request: rubric (reading it), grade (with waiting for others), store.",
            ("stage",), buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._in_flight = Gauge("grader_http_requests_in_flight", "Being served now.", registry=registry)
        self._evaluations = Counter(
            "grader_evaluations", "Evaluations made, by status, and whether a person should look.",
            ("status", "needs_review"), registry=registry,
        )  # fmt: skip
        self._coverage = Histogram(
            "grader_coverage", "Coverage of scored answers: a shift tells of drift.", buckets=TENTHS, registry=registry
        )

    def begun(self) -> None:
        """A request came in."""
        self._in_flight.inc()

    def ended(self, method: str, route: str, status: int, seconds: float, record: Record) -> None:
        """It was answered, or its client went away (status 499)."""
        self._in_flight.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)
        for stage, taken in record.stages.items():
            self._stages.labels(stage).observe(taken)
        for one in record.evaluations:
            self._evaluations.labels(one.status.value, str(one.needs_review).lower()).inc()
            if one.coverage is not None:
                self._coverage.observe(one.coverage)

    def text(self) -> bytes:
        """All numbers in Prometheus' text format."""
        return generate_latest(self._registry)


class _Now(Collector):
    """What is looked up when somebody asks: a part that isn't up has no numbers, and the others do."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return []  # so that registering asks for nothing

    def collect(self) -> Iterable[GaugeMetricFamily]:
        parts: list[Callable[[], Iterable[GaugeMetricFamily]]] = [self._model, self._waiting, self._queue]
        down = GaugeMetricFamily("grader_up", "Whether a part of the service is ready.", labels=["part"])
        obstacles = {obstacle.field for obstacle in self._runtime.obstacles()}
        for part in parts:
            try:
                yield from part()
            except NotReady:
                continue
            except DatabaseUnavailable:
                obstacles.add("database")
        for name in ("engine", "database"):
            down.add_metric([name], float(name not in obstacles))
        yield down

    def _model(self) -> Iterable[GaugeMetricFamily]:
        info = self._runtime.engine.info
        labels = {"version": info.version, "model": info.model, "weights": info.weights_hash[:12]}
        family = GaugeMetricFamily("grader_engine_info", "The engine that grades.", labels=list(labels))
        family.add_metric(list(labels.values()), 1)
        yield family

    def _waiting(self) -> Iterable[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "grader_answers_waiting", "Answers that wait to be graded together.", value=self._runtime.waiting()
        )

    def _queue(self) -> Iterable[GaugeMetricFamily]:
        with self._runtime.database.reading() as session:
            depth = queue.depth(session)
        family = GaugeMetricFamily("grader_queue_jobs", "Jobs of batches, by state.", labels=["state"])
        for state, count in depth.items():
            family.add_metric([state], count)
        yield family
