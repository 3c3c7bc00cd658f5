"""A limit of time that holds for a whole exchange, however little of it comes at a time."""

import socket
import threading
import time
from contextlib import suppress
from typing import Self


class Patience:
    """So many seconds for everything inside of the block; then the connections of it are cut.

    A timeout of a socket begins anew with each byte, so who sends one now and then is never done.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        for each in self._watched:
            each.close()

    @property
    def over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._end

    @property
    def left(self) -> float:
        """Seconds that are left. Raises TimeoutError where there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection, too, when the time is over."""
        # TLS takes the socket over; a second handle on the same connection stays ours.
        self._watched.append(connection.dup())
        if self.over:
            self._cut()

    def _cut(self) -> None:
        for each in tuple(self._watched):
            with suppress(OSError):  # it ended by itself
                each.shutdown(socket.SHUT_RDWR)
