"""One connection to a client, which only the main loop of a worker waits for; never a thread.

A thread is given the bytes of a whole request, and leaves its answer to be sent.
"""

import io
import socket
import time
from typing import Final, NamedTuple

from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from app.framing import Framing

# Bytes that are read at a time, in which others wait.
_PIECE: Final = 256 * 1024
# Bytes of answers that the system keeps for one client; it would go on to 4 MB for slow ones. This
# is what a client at the other end of the world takes in at 1 MB/s.
_UNSENT: Final = 256 * 1024


class Patience(NamedTuple):
    """How long clients are waited for; gunicorn.conf.py has the numbers, and why.

    head: seconds for the head of a request, from its first byte.
    body: seconds for its body, and for its answer; rate: bytes that are worth one second more.
    parting: seconds for the client to close after the last answer; draining: where it still sends
    what nobody wants.
    of_one_address: connections of one address in one process.
    bodies: bodies of the largest size that one process holds while they come.
    """

    head: float
    body: float
    rate: int
    parting: float
    draining: float
    of_one_address: int
    bodies: int


class Memory:
    """What gunicorn's threads take for the socket: nothing in it ever waits."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._request = io.BytesIO()
        self._unsent = bytearray()

    def give(self, request: bytes) -> None:
        """Give the thread a request to read."""
        self._request = io.BytesIO(request)

    def recv(self, size: int) -> bytes:
        """Return up to so many bytes of the request; nothing behind its end."""
        return self._request.read(size)

    def sendall(self, data: bytes) -> None:
        """Send what the network takes at once, and keep the rest."""
        self._unsent += data
        self.flush()

    def send(self, data: bytes) -> int:
        """Send nothing: only the word to go on comes this way, and it has been said already."""
        return len(data)

    def flush(self) -> bool:
        """Send what the network takes; whether nothing is left. Raises OSError."""
        while self._unsent:
            try:
                sent = self._sock.send(self._unsent[:_PIECE])
            except BlockingIOError:
                return False
            del self._unsent[:sent]
        return True

    @property
    def left(self) -> int:
        """Bytes that are still to be sent."""
        return len(self._unsent)

    def setblocking(self, blocking: bool) -> None:
        """Do nothing: it never blocks."""

    def gettimeout(self) -> float:
        """Tell that it never blocks."""
        return 0.0


class Connection(TConn):  # type: ignore[misc]  # gunicorn tells no types
    """A client, and how far it has come.

    arrived: when its request was whole, as time.monotonic tells it.
    """

    def __init__(
        self, cfg: Config, raw: socket.socket, client: object, patience: Patience, most: int
    ) -> None:
        """most: bytes of the largest body."""
        super().__init__(cfg, raw, client, raw.getsockname())
        self.raw, self._patience, self._most = raw, patience, most
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNSENT)
        self.sock = self.memory = Memory(raw)
        self.data_ready = True  # gunicorn's threads shall not wait for it
        self.address = client[0] if isinstance(client, tuple) else ""
        self.arrived = 0.0
        self.keep = True
        self._rest = b""
        self.expect()

    def expect(self) -> None:
        """Wait for a request; the first bytes of it may be there. Raises Refused."""
        self.framing = Framing(self.cfg, self._most)
        self._encouraged = False
        self._begun = time.monotonic()
        self.timeout = self._begun + self.cfg.keepalive
        if self._rest:
            self._take(self._rest)

    @property
    def idle(self) -> bool:
        """Whether nothing of a request has come."""
        return not self.framing.received

    def receive(self) -> bool:
        """Take what has come; whether the client is still there. Raises OSError and Refused."""
        try:
            data = self.raw.recv(_PIECE)
        except BlockingIOError:
            return True
        if data:
            self._take(data)
        return bool(data)

    def hand_over(self) -> None:
        """Let a thread read the request."""
        request, self._rest = self.framing.parts()
        self.memory.give(request)
        self.arrived = time.monotonic()

    def answer(self) -> bool:
        """Send what is left of the answer; whether all of it is sent. Raises OSError."""
        left = self.memory.left
        done = self.memory.flush()
        self.timeout += (left - self.memory.left) / self._patience.rate
        return done

    def begin_answer(self) -> None:
        """Give the client its time to take the answer."""
        self.timeout = time.monotonic() + self._patience.body

    def part(self) -> None:
        """Tell the client that nothing more comes, and let it finish. Raises OSError."""
        self.raw.shutdown(socket.SHUT_WR)
        unread = not self.framing.ready or self.framing.too_large
        waits = self._patience.draining if unread else self._patience.parting
        self.timeout = time.monotonic() + waits

    def forget(self) -> bool:
        """Read what nobody wants any more; whether the client still sends. Raises OSError."""
        try:
            return bool(self.raw.recv(_PIECE))
        except BlockingIOError:
            return True

    def refuse(self, status: str) -> None:
        """Answer what no thread has to look at."""
        told = f"{status[4:]}\n"
        head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        self.memory.sendall(f"{head}Content-Length: {len(told)}\r\n\r\n{told}".encode())
        self.keep = False

    def _take(self, data: bytes) -> None:
        if self.idle:
            self._begun = time.monotonic()
        self.framing.feed(data)
        allowed = self._patience.head
        if self.framing.headed:
            allowed = self._patience.body + self.framing.received / self._patience.rate
        self.timeout = self._begun + allowed
        if self.framing.asks_to_go_on and not self._encouraged:
            self._encouraged = True
            self.memory.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
