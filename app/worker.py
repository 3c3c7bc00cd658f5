"""gunicorn's threads, none of which ever waits for a client: `worker_class` of gunicorn.conf.py.

gunicorn's own `gthread` reads a request and sends its answer in the thread that makes it, so as
many slow clients as there are threads stop a server. Here the main loop, which waits for all
connections at once, reads whole requests into memory and sends the answers; threads only answer.
"""

import errno
import selectors
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, Final

from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from app import waiting
from app.connection import Connection, Patience
from app.framing import Refused
from app.server_logs import REFUSED
from app.settings import load

# Seconds between two looks at who has had its time.
_LOOK: Final = 0.25
_FULL: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn tells no types
    """Threads that answer, and one loop that waits. patience: gunicorn.conf.py says how long."""

    patience: ClassVar[Patience]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        settings = load()
        self._most = settings.request_bytes
        self._proxied = bool(settings.proxies)
        # Those that wait for their client, the longest first.
        self._waiting: dict[Connection, None] = {}
        self._addresses: Counter[str] = Counter()
        self._looked = 0.0

    @classmethod
    def check_config(cls, cfg: Config, log: Logger) -> None:
        """Refuse what this worker cannot do."""
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise ValueError("imagesearch speaks no TLS: let a proxy do it (docs/operating.md).")

    def accept(self, listener: Any) -> None:
        """Take a new connection, in place of the one that waits longest where there is no room."""
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in _FULL:
                self._drop(self._waiting)
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self._admit(Connection(self.cfg, sock, client, self.patience, self._most))

    def finish_request(self, conn: Connection, fs: "Future[Any]") -> None:
        """Send what the thread has left, and go on with the next request, if there may be one."""
        answered = not fs.cancelled() and fs.exception() is None
        conn.keep = answered and bool(fs.result()) and not conn.framing.too_large
        self._answer(conn)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer, in a thread."""
        waiting.begin(conn.arrived)
        if conn.framing.too_large:  # its body is not read, so the next request begins nowhere
            req.force_close()
        done: bool = super().handle_request(req, conn)
        return done

    def murder_pending(self) -> None:
        """Close what has had its time; gunicorn's loop asks for it after whatever happens."""
        now = time.monotonic()
        if now - self._looked >= _LOOK:
            self._looked = now
            for conn in [conn for conn in self._waiting if conn.timeout <= now]:
                self._expire(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """Wait no longer than that for those that have sent nothing: the server stops."""
        for conn in self._waiting:
            if conn.idle:
                conn.timeout = min(conn.timeout, deadline)

    def _admit(self, conn: Connection) -> None:
        if self.nr_conns + 1 >= self.worker_connections:
            self._drop(self._waiting)
        if not self._proxied and self._addresses[conn.address] >= self.patience.of_one_address:
            self._drop(each for each in self._waiting if each.address == conn.address)
        self.nr_conns += 1
        self._addresses[conn.address] += 1
        self._wait(conn, selectors.EVENT_READ, self._read)

    def _drop(self, candidates: Iterable[Connection]) -> None:
        """Close the first of them: who sends at once has been answered before its turn comes."""
        if (conn := next(iter(candidates), None)) is not None:
            self._close(conn)

    def _read(self, conn: Connection) -> None:
        if not conn.receive():
            self._close(conn)
        elif conn.framing.ready:
            self._hand_over(conn)
        else:
            self._spare()

    def _hand_over(self, conn: Connection) -> None:
        self._stop_waiting(conn)
        conn.hand_over()
        self.enqueue_req(conn)

    def _spare(self) -> None:
        """Close the one that holds most, when all that came in part fills too much memory."""
        held = sum(conn.framing.received for conn in self._waiting)
        if held > self.patience.bodies * self._most:
            self._close(max(self._waiting, key=lambda conn: conn.framing.received))

    def _answer(self, conn: Connection) -> None:
        conn.begin_answer()
        self._wait(conn, selectors.EVENT_WRITE, self._send)
        self._guarded(self._send, conn)

    def _send(self, conn: Connection) -> None:
        if not conn.answer():
            return
        self._stop_waiting(conn)
        if conn.keep:
            self._next(conn)
        else:
            conn.part()
            self._wait(conn, selectors.EVENT_READ, self._part)

    def _next(self, conn: Connection) -> None:
        self._wait(conn, selectors.EVENT_READ, self._read)
        conn.expect()
        if not self.alive:
            self._cap_keepalive(time.monotonic())
        if conn.framing.ready:
            self._hand_over(conn)

    def _part(self, conn: Connection) -> None:
        if not conn.forget():
            self._close(conn)

    def _expire(self, conn: Connection) -> None:
        """Close it; who has sent a part of a request is told why."""
        if conn.keep and not conn.idle and not conn.framing.ready:
            self._refuse(conn, "408 Request Timeout")
        else:
            self._close(conn)

    def _wait(self, conn: Connection, event: int, then: Callable[[Connection], None]) -> None:
        self._waiting[conn] = None
        self.poller.register(conn.raw, event, partial(self._happened, conn, then))

    def _stop_waiting(self, conn: Connection) -> None:
        del self._waiting[conn]
        self.poller.unregister(conn.raw)

    def _happened(
        self, conn: Connection, then: Callable[[Connection], None], _sock: object
    ) -> None:
        if conn in self._waiting:  # else it was closed a moment ago
            self._guarded(then, conn)

    def _guarded(self, then: Callable[[Connection], None], conn: Connection) -> None:
        """Do it; a client that is gone, or sends what it may not, costs its own connection only."""
        try:
            then(conn)
        except Refused as refused:
            self.log.warning(REFUSED, refused.kind)
            self._refuse(conn, refused.status)
        except OSError:
            self._close(conn)

    def _refuse(self, conn: Connection, status: str) -> None:
        self._stop_waiting(conn)
        with suppress(OSError):
            conn.refuse(status)
        self._answer(conn)

    def _close(self, conn: Connection) -> None:
        if conn in self._waiting:
            self._stop_waiting(conn)
        self.nr_conns -= 1
        self._addresses[conn.address] -= 1
        if not self._addresses[conn.address]:
            del self._addresses[conn.address]
        conn.raw.close()
