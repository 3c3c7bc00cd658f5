"""How long a request has waited for a thread, and whether answering it is still worth while.

Who has waited for longer than the settings allow is sent away in a millisecond or two, so that the
line becomes shorter however many have come. gunicorn's own line has no end that anybody sees.
"""

import time
from contextvars import ContextVar
from typing import Final

from flask import Flask, request

from app.live import settings
from app.metrics import shed
from model.encoder import Busy

# When the request was there to be answered, as time.monotonic tells it.
_ARRIVED: Final[ContextVar[float | None]] = ContextVar("arrived", default=None)
# Seconds that a busy machine may take to come to a request that nobody is before.
_LEAST: Final = 1.0
# What is asked by whoever watches the server, and what is sent as fast as a refusal.
_ALWAYS: Final = ("health.alive", "health.ready", "assets.send", "metrics.metrics")


def init_app(app: Flask) -> None:
    """Send away who has waited too long."""
    app.before_request(_shed)


def begin(arrived: float) -> None:
    """Tell of the request that this thread answers now when it came."""
    _ARRIVED.set(arrived)


def _shed() -> None:
    arrived = _ARRIVED.get()
    if arrived is None or request.endpoint in _ALWAYS:
        return
    if time.monotonic() - arrived > max(settings().wait, _LEAST):
        shed("queue")
        raise Busy("No thread became free in time.")
