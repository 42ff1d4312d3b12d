"""Logs: one JSON object per line from a keep-list of fields, so that personal data has no way in."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import date
from typing import Final
from uuid import UUID

import orjson

from . import clock
from .settings import LOG_LEVEL

# What may be said about an event beside its name. Free text, names, numbers of cards and documents are not here on purpose.
KEPT: Final = frozenset(
    {
        "actor", "attempt", "bytes", "category", "channel", "code", "count", "edition", "facility", "job", "kind", "measure", "method", "migration",
        "ms", "outcome", "path", "pid", "port", "queue", "release", "resources", "role", "room", "rows", "rule", "seconds", "state", "status",
        "table", "tag", "transaction", "version", "workers",
    }
)  # fmt: skip
_SAFE: Final = (int, float, bool, UUID, date, type(None))
_LIBRARY_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON: the message as written in the code, numbers filled in, every other argument left out."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; of an exception the type and the places, never its message (it may quote a row)."""
        line: dict[str, object] = {
            "time": clock.from_timestamp(record.created).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _safe_message(record),
        }
        line.update({k: v for k, v in vars(record).items() if k in KEPT and k not in _LIBRARY_FIELDS and isinstance(v, (str, *_SAFE))})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
        return orjson.dumps(line, default=str).decode()


def _safe_message(record: logging.LogRecord) -> str:
    """Fill in arguments that cannot be about a person (numbers, dates, ids); others become an ellipsis."""
    args = record.args
    if not args:
        return str(record.msg)
    if isinstance(args, tuple):
        try:
            return str(record.msg) % tuple(a if isinstance(a, _SAFE) else "…" for a in args)
        except (TypeError, ValueError):
            return str(record.msg)
    return str(record.msg)


class EventLogger:
    """A logger that takes an event name and kept fields: ``log.info("ingest.batch", rows=250)``."""

    def __init__(self, name: str) -> None:
        """Wrap the standard logger of that name."""
        self._logger = logging.getLogger(name)

    def _write(self, level: int, event: str, fields: dict[str, object], *, exception: bool = False) -> None:
        unknown = fields.keys() - KEPT
        if unknown:
            message = f"log fields not on the keep-list: {sorted(unknown)}; add them to kit/log.py if they can never be about a person"
            raise ValueError(message)
        self._logger.log(level, event, extra=fields, exc_info=exception)

    def debug(self, event: str, **fields: object) -> None:
        """Say something only a developer wants to know."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """Say what happened."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Say what somebody should look at some day."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Say what somebody must look at, with the exception being handled."""
        self._write(logging.ERROR, event, fields, exception=sys.exc_info()[0] is not None)


def get(name: str) -> EventLogger:
    """Return the event logger of a module: ``log = get(__name__)``."""
    return EventLogger(name)


def configure(*, at_least: int = logging.NOTSET) -> None:
    """Send everything as JSON lines to standard error; called once by the roof. ``at_least`` keeps a command line quiet."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(at_least, logging.getLevelNamesMapping()[LOG_LEVEL().upper()]))
    for name in ("procrastinate.blueprints", "procrastinate.worker", "procrastinate.periodic", "procrastinate.jobs", "procrastinate.app"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they repeat each job's arguments; kit.jobs says what is needed
