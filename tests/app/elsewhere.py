"""A server of somebody else, which answers as it likes, and notes what it was asked."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

DROPS = 40

Answer = bytes | Callable[[socket.socket], None]


@dataclass
class Elsewhere:
    """heads: of the requests that came. answers: what is sent, by path.

    sent: how much was, by those that count it.
    """

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    sent: int = 0

    def address(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                if not (piece := connection.recv(4096)):
                    return
                head += piece
            self.heads.append(head.decode("latin-1"))
            answer = self.answers[self.heads[-1].split()[1]]
            if isinstance(answer, bytes):
                connection.sendall(answer)
            else:
                answer(connection)

    def endless(self, head: bytes, piece: bytes) -> Callable[[socket.socket], None]:
        """Return what sends the same again and again, and counts how much of it."""

        def send(connection: socket.socket) -> None:
            connection.sendall(head)
            while self.sent < 2**28:
                connection.sendall(piece)
                self.sent += len(piece)

        return send

    def dripping(self, answer: bytes, at: int) -> Callable[[socket.socket], None]:
        """Return what sends an answer up to a place at once, then a little now and then.

        Then it sends the rest, and counts how often it sent a little.
        """

        def send(connection: socket.socket) -> None:
            connection.sendall(answer[:at])
            for place in range(at, at + DROPS):
                time.sleep(0.1)
                connection.sendall(answer[place : place + 1])
                self.sent += 1
            connection.sendall(answer[at + DROPS :])

        return send


def told(content: bytes, kind: str = "image/jpeg", *more: str, status: str = "200 OK") -> bytes:
    """Return an answer with a body. more: lines of its head."""
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", *more)
    if not any(line.lower().startswith(("content-length", "transfer-")) for line in more):
        lines += (f"Content-Length: {len(content)}",)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def led(to: str) -> bytes:
    """Return a redirect."""
    return told(b"", "text/html", f"Location: {to}", status="302 Found")


@contextmanager
def listening(host: str = "127.0.0.1", port: int = 0, certificate: str = "") -> Iterator[Elsewhere]:
    """Serve on a port of loopback, by TLS with a certificate's file, until the block ends."""
    with socket.create_server((host, port)) as server:
        found = Elsewhere(server.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(server, found, certificate), daemon=True)
        thread.start()
        yield found
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _accept(server: socket.socket, found: Elsewhere, certificate: str) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_one, args=(connection, found, certificate), daemon=True).start()


def _one(connection: socket.socket, found: Elsewhere, certificate: str) -> None:
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        try:
            connection = context.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            return
    found.serve(connection)
