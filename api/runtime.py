"""What a serving process builds once, in the background: the engine and the database."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import OperationalError

from api.db import Database, EmbeddedPostgres
from api.errors import ApiError, NotReady
from api.microbatch import Grades, MicroBatcher
from api.migrate import upgrade
from api.schemas import FieldError
from api.service.rubrics import load_bank
from api.settings import Settings
from grader.engine import Engine
from grader.errors import GraderError
from grader.search import Index
from rubrics import RubricError
from rubrics import load_bank as read_bank

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 2.0
STOP_SECONDS: Final = 5.0


class Runtime:
    """Starts the engine and the database side by side, and knows why one isn't ready yet."""

    def __init__(self, settings: Settings, engine: Engine | None = None) -> None:
        """A given engine is taken as it is; otherwise `start` loads the one that the settings name."""
        self.search_index = Index()
        self.on_database: Callable[[Database], object] = lambda _: None  # called once, when the database is there
        self._settings = settings
        self._engine = engine
        self._grader = self._batching(engine) if engine else None
        self._database: Database | None = None
        self._embedded: EmbeddedPostgres | None = None
        self._waiting_for = {"database": "is starting"} | ({} if engine else {"engine": "is loading"})
        self._told: dict[str, str] = {}
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._keep_database, name="database", daemon=True)]
        if engine is None:
            self._threads.append(threading.Thread(target=self._load_engine, name="engine", daemon=True))

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Close the connections and let go of the embedded server."""
        self._stopping.set()
        self._threads[0].join(STOP_SECONDS)
        if self._database:
            self._database.close()
        if self._embedded:
            self._embedded.stop()

    @property
    def engine(self) -> Engine:
        """The engine. Raises NotReady."""
        if self._engine is None:
            raise self._not_ready("engine")
        return self._engine

    @property
    def grader(self) -> Grades:
        """The engine for single answers, of which those that come together share its passes. Raises NotReady."""
        if self._grader is None:
            raise self._not_ready("engine")
        return self._grader

    def waiting(self) -> int:
        """How many single answers wait to be graded together."""
        return self._grader.waiting() if isinstance(self._grader, MicroBatcher) else 0

    @property
    def database(self) -> Database:
        """The database. Raises NotReady."""
        if self._database is None:
            raise self._not_ready("database")
        return self._database

    def obstacles(self) -> list[FieldError]:
        """What isn't up yet, and why; empty when all is."""
        return [FieldError(field=part, message=reason) for part, reason in self._waiting_for.copy().items()]

    def _not_ready(self, part: str) -> NotReady:
        reason = self._waiting_for.get(part, "was not ready")  # it may have become so in between
        return NotReady(f"The {part} {reason}.", [FieldError(field=part, message=reason)])

    def _load_engine(self) -> None:
        try:
            engine = Engine.load(
                model=self._settings.model,
                backend=self._settings.backend,
                precision=self._settings.precision,
                cache_dir=self._settings.data_dir / "models",
                max_chars=self._settings.max_answer_chars,
                judge=self._settings.judge,
            )
            self._engine, self._grader = engine, self._batching(engine)
            del self._waiting_for["engine"]
        except Exception as error:  # whatever it is, it belongs in /readyz and in the log
            self._tell("engine", f"can't be loaded: {error}", error)

    def _batching(self, engine: Engine) -> Grades:
        wait = self._settings.micro_batch_ms / 1000
        return MicroBatcher(engine, wait_seconds=wait) if wait else engine

    def _keep_database(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._database is None:
                    self._database = self._prepared()
                    del self._waiting_for["database"]
                elif self._embedded and self._embedded.revive():
                    log.warning("the embedded database had died and was started again")
                self._told.pop("database", None)
            except Exception as error:  # as above; a database may come up later, so that trying again is worth it
                cause = error.orig if isinstance(error, OperationalError) else error
                self._tell("database", f"isn't ready: {cause}", error)
            self._stopping.wait(RETRY_SECONDS)

    def _tell(self, part: str, reason: str, error: Exception) -> None:
        """Log a failure once, with a traceback unless it is of a kind that explains itself."""
        if self._told.get(part) != reason:
            explains_itself = isinstance(error, OperationalError | GraderError | ApiError | RubricError)
            log.error("the %s %s", part, reason, exc_info=not explains_itself)
        self._told[part] = reason
        if part in self._waiting_for:
            self._waiting_for[part] = reason

    def _prepared(self) -> Database:
        url = self._settings.database_url
        if not url:
            self._embedded = self._embedded or EmbeddedPostgres(self._settings.data_dir / "postgres")
            self._embedded.revive()
            url = self._embedded.url
        upgrade(url)
        database = Database(url, self._settings.database_pool)
        try:
            load_bank(database, read_bank().values())
            self.on_database(database)
        except Exception:
            database.close()
            raise
        return database
