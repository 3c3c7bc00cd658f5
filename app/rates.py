"""How often one address may ask, where the operator sets a limit: `limits` counts.

An address of IPv6 counts with all of its /64, which is what one customer has. Nothing of it is
written to a log.
"""

import logging
import math
import threading
import time
from typing import TYPE_CHECKING, Final

from flask import Flask, request
from werkzeug.exceptions import TooManyRequests

from app.senders import sender_of
from app.settings import Settings

if TYPE_CHECKING:  # they take memory, and most servers set no limit
    from limits.strategies import FixedWindowRateLimiter

_log = logging.getLogger(__name__)

# What costs next to nothing: a page asks for many of them, and whoever watches asks often.
_FREE: Final = ("health.alive", "health.ready", "assets.send")
# Looking at a picture, or changing the gallery, beside sending a page.
_SENDING: Final = 10
_PAGE: Final = 1

# Seconds that whoever comes too often waits at the least: what is told of them is a plural.
_LEAST: Final = 2
# Seconds that Redis may take to answer, and that it is left alone after it did not.
_REDIS: Final = 0.25
_AWAY: Final = 5.0


class TooOften(TooManyRequests):
    """An address asks more often than it may. seconds: after which it may again."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


def init_app(app: Flask, chosen: Settings) -> None:
    """Count before anything else is done, also before a password is looked at."""
    if chosen.rate:
        limiter = Limiter(chosen)
        app.before_request(lambda: _count(limiter))


class Limiter:
    """Counts requests by address, in Redis or in this process; here too while Redis is away."""

    def __init__(self, chosen: Settings) -> None:
        self._rate, self._store = chosen.rate, chosen.rate_store
        self._making = threading.Lock()
        self._made: dict[str, FixedWindowRateLimiter] = {}
        self._away_until = 0.0

    def wait(self, address: str, cost: int) -> int:
        """Count a request; return the seconds until the next may come, 0 where this one may."""
        from limits.errors import StorageError  # noqa: PLC0415

        if time.monotonic() >= self._away_until:
            try:
                left = self._ask(self._store, address, cost)
            except StorageError as error:
                self._lose(error)
            else:
                self._find()
                return left
        return self._ask("memory://", address, cost)

    def _ask(self, store: str, address: str, cost: int) -> int:
        from limits import RateLimitItemPerMinute  # noqa: PLC0415

        item, limiter = RateLimitItemPerMinute(self._rate), self._limiter(store)
        if limiter.hit(item, address, cost=cost):
            return 0
        reset = limiter.get_window_stats(item, address).reset_time
        return min(60, max(_LEAST, math.ceil(reset - time.time())))

    def _limiter(self, store: str) -> "FixedWindowRateLimiter":
        """Make it when it is first needed: it has a thread, which a fork would not survive."""
        from limits.storage import storage_from_string  # noqa: PLC0415
        from limits.strategies import FixedWindowRateLimiter  # noqa: PLC0415

        with self._making:
            if store not in self._made:
                waits = {} if store == "memory://" else _patience()
                storage = storage_from_string(store, wrap_exceptions=True, **waits)
                self._made[store] = FixedWindowRateLimiter(storage)
            return self._made[store]

    def _lose(self, error: Exception) -> None:
        if not self._away_until:
            kind = type(error.__cause__ or error).__name__
            _log.warning(
                "Redis does not answer (%s): each process counts requests by itself until it does.",
                kind,
            )
        self._away_until = time.monotonic() + _AWAY

    def _find(self) -> None:
        if self._away_until:
            _log.warning("Redis answers again, and counts the requests of all processes.")
            self._away_until = 0.0


def _patience() -> dict[str, float]:
    return {"socket_timeout": _REDIS, "socket_connect_timeout": _REDIS}


def _count(limiter: Limiter) -> None:
    if request.endpoint in _FREE:
        return
    cost = _PAGE if request.method in ("GET", "HEAD", "OPTIONS") else _SENDING
    if seconds := limiter.wait(sender_of(request.remote_addr), cost):
        raise TooOften(seconds)
