"""The log: one JSON object a line, which never holds what customers are or did."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from traceback import extract_tb

__all__ = ["JsonLines", "log_to_stderr"]

_KEPT = (
    *("method", "route", "status", "ms", "events"),
    *("days", "refinements", "snapshot", "seconds", "found", "told", "stored"),
)
"""What a line may carry beside its words. Anything else, such as an error's text, may name somebody."""


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: vars(record)[name] for name in _KEPT if name in vars(record)}
        if record.exc_info and record.exc_info[1] is not None:
            said["error"] = type(record.exc_info[1]).__name__
            said["at"] = [f"{frame.name}:{frame.lineno}" for frame in extract_tb(record.exc_info[2])][-5:]
        return json.dumps(said)


def log_to_stderr() -> None:
    """Write the log of the whole process to stderr."""
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(stream)
    root.setLevel(logging.INFO)
