"""Guessing the password or the token: who was wrong too often has to wait.

What is tried meanwhile is not even compared, so nobody learns anything from it. It is counted by
the address that requests come from, in each process by itself.
"""

import time
from functools import cached_property
from typing import TYPE_CHECKING, Final

from flask import Flask, current_app, request
from werkzeug.exceptions import TooManyRequests

from app.senders import sender_of

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import RateLimiter

# Wrong ones of one sender in a minute; a page whose pictures are asked for with an old password
# has sent a few before anybody notices.
MOST: Final = 20


class TooManyGuesses(TooManyRequests):
    """The password or the token was wrong too often. seconds: until the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class Guesses:
    """The wrong ones of the last minute, by who sent them."""

    def refuse(self, sender: str) -> None:
        """Go on if not too many of them are this sender's. Raises TooManyGuesses."""
        item, limiter = self._counted
        if not limiter.test(item, sender):
            reset = limiter.get_window_stats(item, sender).reset_time
            raise TooManyGuesses(max(1, round(reset - time.time())))

    def add(self, sender: str) -> None:
        """Count one more."""
        item, limiter = self._counted
        limiter.hit(item, sender)

    @cached_property
    def _counted(self) -> "tuple[RateLimitItem, RateLimiter]":
        # Only who is tried needs it, and its threads would not survive the fork of a server.
        from limits import RateLimitItemPerMinute  # noqa: PLC0415
        from limits.storage import MemoryStorage  # noqa: PLC0415
        from limits.strategies import MovingWindowRateLimiter  # noqa: PLC0415

        return RateLimitItemPerMinute(MOST), MovingWindowRateLimiter(MemoryStorage())


def init_app(app: Flask) -> None:
    """Count from now on."""
    app.extensions["guesses"] = Guesses()


def refuse() -> None:
    """Go on if the sender of this request was not wrong too often. Raises TooManyGuesses."""
    _guesses().refuse(sender_of(request.remote_addr))


def was_wrong() -> None:
    """Count a password or token of this request that was wrong."""
    _guesses().add(sender_of(request.remote_addr))


def _guesses() -> Guesses:
    found: Guesses = current_app.extensions["guesses"]
    return found
