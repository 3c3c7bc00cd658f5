"""Log lines: one for each event, as text or as JSON, with the number of the request, if any.

Nothing in them tells who visited or what was sent: no addresses, names, questions or credentials.
Exceptions are told by where they came from, and in their own words only where these cannot hold
what a visitor sent.
"""

import json
import logging
import os
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from flask import Flask, has_request_context, request

from app.request_ids import request_id
from app.settings import Settings
from model.command import CommandError
from model.ranking import IndexUnavailable

# Where WSGI carries the route of a request to whoever writes the line about it.
ROUTE: Final = "imagesearch.route"
# What a record of a request carries beside its message.
_FACTS: Final = ("request_id", "method", "route", "status", "bytes", "milliseconds")
# Errors of the system, the database and the bundle speak of what is ours.
_OURS: Final = (OSError, sqlite3.Error, CommandError, IndexUnavailable, MemoryError, ImportError)
# Frames of one exception that are told, the innermost.
_FRAMES: Final = 8
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def init_app(app: Flask, chosen: Settings) -> None:
    """Write what the application and the model tell to standard error."""
    handler = Standard(chosen.log_format)
    for name in ("app", "model"):
        logger = logging.getLogger(name)
        logger.handlers = [each for each in logger.handlers if not isinstance(each, Standard)]
        logger.addHandler(handler)
    app.logger.setLevel(logging.INFO)
    app.before_request(_route)


class Standard(logging.Handler):
    """Writes to what is standard error at that time."""

    def __init__(self, kind: str) -> None:
        """kind: "text" or "json"."""
        super().__init__()
        self.setFormatter(Lines(kind))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except Exception:  # as every handler does: what cannot be logged must not stop an answer
            self.handleError(record)


class Lines(logging.Formatter):
    """Makes one line of a record."""

    def __init__(self, kind: str) -> None:
        """kind: "text" or "json"."""
        super().__init__()
        self._write = {"text": _as_text, "json": _as_json}[kind]

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        return self._write(_facts(record))


def line(kind: str, message: str) -> str:
    """Return what is told outside of any logger: text as it is, or a line of JSON."""
    if kind == "text":
        return message
    record = logging.LogRecord("imagesearch", logging.INFO, "", 0, message, None, None)
    return Lines(kind).format(record)


@contextmanager
def without_stderr() -> Iterator[None]:
    """Drop what libraries write past every logger, in a process that has no other threads yet."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _route() -> None:
    if request.url_rule is not None:
        request.environ[ROUTE] = request.url_rule.rule


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    told: dict[str, Any] = {
        "time": time.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "process": record.process,
        "message": _CONTROL.sub(_escaped, record.getMessage()),
    }
    if has_request_context():
        told["request_id"] = request_id()
    told |= {name: getattr(record, name) for name in _FACTS if hasattr(record, name)}
    if record.exc_info and record.exc_info[1]:
        told["error"] = list(_errors(record.exc_info[1]))
    return told


def _as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


def _as_text(told: dict[str, Any]) -> str:
    text = f"{told['time']} {told['level']} {told['logger']} [{told['process']}] {told['message']}"
    if "request_id" in told and told["request_id"] not in text:
        text += f" (request {told['request_id']})"
    return " | ".join([text, *map(_error_as_text, told.get("error", []))])


def _error_as_text(error: dict[str, Any]) -> str:
    message = f": {error['message']}" if "message" in error else ""
    return f"{error['type']}{message} at {', in '.join(error['frames']) or 'no place'}"


def _errors(error: BaseException) -> Iterator[dict[str, Any]]:
    """Yield an exception, and then what led to it, each by its type and its innermost frames."""
    seen: set[int] = set()
    present: BaseException | None = error
    while present is not None and id(present) not in seen:
        seen.add(id(present))
        told: dict[str, Any] = {"type": type(present).__name__}
        if isinstance(present, _OURS):
            told["message"] = _CONTROL.sub(_escaped, str(present))
        told["frames"] = _frames(present.__traceback__)
        yield told
        present = present.__cause__ or present.__context__


def _frames(found: TracebackType | None) -> list[str]:
    """Return file, line and function of the frames, from the innermost outwards."""
    frames = traceback.extract_tb(found)[::-1][:_FRAMES]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
