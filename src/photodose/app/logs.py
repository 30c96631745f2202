"""Log lines as JSON objects, without health data: no path, no query, no form field, no name of a person."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from types import TracebackType

FIELDS = ("event", "request_id", "method", "route", "status", "milliseconds", "task", "error")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message and the fields of FIELDS that the record carries.

    Of an exception only its class and the places in the code are written; its message may quote what a person typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["at"] = places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def places(trace: TracebackType | None) -> list[str]:
    """The innermost eight places of a traceback, as file:line, innermost last."""
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('site-packages/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-8:]
