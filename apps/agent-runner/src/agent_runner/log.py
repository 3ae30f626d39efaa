"""Logging: one line an event, with the fields of `extra`."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


_LEVELS = {"WARNING": "warn", "CRITICAL": "fatal"}
"""Where the other services' words for levels are not Python's."""


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class JsonFormatter(logging.Formatter):
    """The fields that the other services' lines have: level, time, name, pid, msg."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "level": _LEVELS.get(record.levelname, record.levelname.lower()),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "name": "agent-runner",
            "pid": record.process,
            "logger": record.name,
            **_fields(record),
            "msg": record.getMessage(),
        }
        if record.exc_info:
            line["err"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """For people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(
            f"{name}={value}" for name, value in _fields(record).items() if not name.startswith("temporal")
        )
        text = super().format(record)
        return f"{text} {fields}" if fields else text


def set_up_logging(level: str, format: Literal["json", "text"]) -> None:
    """Sends every logger's lines of this level and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if format == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # How a run failed is told by the runner itself, once.
    logging.getLogger("temporalio.activity").setLevel(logging.ERROR)
