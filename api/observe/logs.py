"""Logs: a line an event, for people or as JSON for what collects them."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final, Literal

from api.observe.record import request_id

PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


def configure(kind: Literal["text", "json"], level: str) -> None:
    """Send all logs of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if kind == "json" else TextFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("api", "uvicorn"):
        logging.getLogger(name).setLevel(level.upper())


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, what was given as `extra`, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Lines never hold a line break, whatever the message holds."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if found := request_id():
            line["request_id"] = found
        line |= _extra(record)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextFormatter(logging.Formatter):
    """Level and message, what was given as `extra`, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """As uvicorn's own lines look."""
        extra = _extra(record) | ({"request_id": found} if (found := request_id()) else {})
        words = [f"{record.levelname + ':':<9} {record.getMessage()}", *(f"{k}={v}" for k, v in extra.items())]
        error = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
        return " ".join(words) + error


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in PLAIN}
