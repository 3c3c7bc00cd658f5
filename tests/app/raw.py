"""Clients that send bytes as no browser would, to a server on loopback."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

PATIENCE: Final = 60.0


def head(method: str = "GET", path: str = "/healthz", *more: str) -> bytes:
    """Return the head of a request. more: further lines of it."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *more, "", ""]).encode()


def upload(length: int, *more: str) -> bytes:
    """Return the head of a search with a picture of so many bytes."""
    told = ("Content-Type: image/jpeg", f"Content-Length: {length}", *more)
    return head("POST", "/api/v1/search", *told)


def connect(port: int, *, window: int = 0) -> socket.socket:
    """Return a connection. window: bytes that it takes before it reads, 0 for as many as usual."""
    client = socket.socket()
    if window:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    client.settimeout(PATIENCE)
    client.connect(("127.0.0.1", port))
    return client


@contextmanager
def crowd(port: int, count: int, sent: bytes, *, window: int = 0) -> Iterator[list[socket.socket]]:
    """Open so many connections, send the same on each, and leave it at that."""
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(port, window=window)) for _ in range(count)]
        for client in clients:
            client.sendall(sent)
        yield clients


def answer(client: socket.socket) -> bytes:
    """Return all that the server still sends before it closes the connection."""
    received = []
    try:
        while piece := client.recv(65536):
            received.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(received)


def asked(port: int, sent: bytes) -> bytes:
    """Send something on a connection of its own; return all that comes back until it is closed."""
    with connect(port) as client:
        client.sendall(sent)
        return answer(client)


def statuses(received: bytes) -> list[int]:
    """Return the status of each answer in what was received."""
    lines = received.split(b"HTTP/1.1 ")[1:]
    return [int(line[:3]) for line in lines]


def connections(port: int) -> int:
    """Return how many connections to a port of loopback a process has taken and not closed."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = [row for row in rows if row[1].endswith(f":{port:04X}")]
    listens, nobodys = "0A", "0"
    return sum(row[3] != listens and row[9] != nobodys for row in ours)


def unsent(port: int) -> int:
    """Return how many bytes a port of loopback has sent that its clients have not taken yet."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    queued = (row[4].partition(":")[0] for row in rows if row[1].endswith(f":{port:04X}"))
    return sum(int(each, 16) for each in queued)


def closed(client: socket.socket) -> bool:
    """Return whether the server has closed the connection, as far as one can see now."""
    client.settimeout(0)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
