"""How long visitors wait while others mean ill.

    python -m benchmarks.hostile [--bundle B] [--seconds 10] [--only "slow bodies"] [--plain]

One server as gunicorn.conf.py has it, on loopback; four visitors search with a 640x480 JPEG, one
request after another, each on a connection of its own. Meanwhile another process holds so many
connections as the table says, each from an address of its own (127.1.0.1 and on), and opens every
one anew that the server closes. `--plain` measures gunicorn's own `gthread` in place of our worker.
"""

import argparse
import http.client
import multiprocessing
import re
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import servers
from benchmarks.drawings import USUAL, jpeg
from benchmarks.measure import percentile
from benchmarks.tables import table

_VISITORS: Final = 4
# Seconds after which a visitor has gone.
_PATIENCE: Final = 10.0
# Seconds between two bytes of somebody slow.
_SLOWNESS: Final = 1.0
_UPLOAD: Final = b"POST /api/v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\n"


class Attack(NamedTuple):
    """begin: what each connection sends at once. more: what it sends each second.

    STYLE in it stands for the address of the style sheet, the largest answer that costs nothing.
    """

    name: str
    connections: int
    begin: bytes = b""
    more: bytes = b""
    window: int = 0


_ATTACKS: Final = (
    Attack("nobody", 0),
    Attack("silent", 3000),
    Attack("heads without end", 1000, b"GET / HTTP/1.1\r\nHost: x\r\n", b"X: 1\r\n"),
    Attack("slow bodies", 1000, _UPLOAD + b"Content-Length: 1000000\r\n\r\n", b"x"),
    Attack(
        "chunks without end", 500, _UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"
    ),
    Attack("slow readers", 200, b"GET STYLE HTTP/1.1\r\nHost: x\r\n\r\n" * 200, b"", 2048),
    Attack("200 pages asked for at once", 20, b"GET /browse HTTP/1.1\r\nHost: x\r\n\r\n" * 200),
    Attack("bodies that nobody reads", 500, b"POST /healthz HTTP/1.1\r\nContent-Length: 9\r\n\r\n"),
    Attack("no HTTP at all", 200, b"\x16\x03\x01\x02\x00\r\n\r\n"),
)


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, default=Path("model/bundle"))
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--only", choices=[attack.name for attack in _ATTACKS])
    parser.add_argument("--plain", action="store_true", help="measure gunicorn's own gthread")
    options = parser.parse_args(arguments)
    kind = servers.ours(options.bundle)
    if options.plain:
        own = {"GUNICORN_CMD_ARGS": "--worker-class gthread"}
        kind = servers.Kind(kind.name, kind.command, kind.path, {**kind.environment, **own})
    rows = []
    for attack in _ATTACKS:
        if options.only not in {None, attack.name}:
            continue
        with servers.running(kind) as server, _at_work(attack, server.port):
            rows.append(_row(attack, *_visit(server, options.seconds)))
    heads = ["who else is there", "connections", "searches/s", "p50", "p99", "failed"]
    print(table(heads, rows, right={1, 2, 3, 4, 5}))
    return 0


def _row(attack: Attack, times: list[float], failed: int, taken: float) -> list[str]:
    """Return what was measured, times in milliseconds."""
    told = [f"{percentile(times, share):.0f} ms" if times else "" for share in (0.5, 0.99)]
    rate = f"{len(times) / taken:.0f}"
    return [attack.name, f"{attack.connections:,}", rate, *told, str(failed)]


def _visit(server: servers.Server, seconds: float) -> tuple[list[float], int, float]:
    """Search for a while; return milliseconds of each, how many had no answer, and seconds."""
    times: list[float] = []
    failed: list[str] = []
    picture, begun = jpeg(USUAL), time.perf_counter()

    def search() -> None:
        while (start := time.perf_counter()) < begun + seconds:
            try:
                _search(server, picture)
                times.append((time.perf_counter() - start) * 1000)
            except (OSError, http.client.HTTPException) as error:
                failed.append(str(error))

    _together(search, _VISITORS)
    return times, len(failed), time.perf_counter() - begun


def _search(server: servers.Server, picture: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_PATIENCE)
    try:
        connection.request("POST", server.path, picture, {"Content-Type": "image/jpeg"})
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise http.client.HTTPException(str(answer.status))


def _together(action: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=action) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def _at_work(attack: Attack, port: int) -> Iterator[None]:
    """Let them do it, from a second before until the block ends."""
    begin = attack.begin.replace(b"STYLE", _style(port)) if attack.connections else b""
    attack = attack._replace(begin=begin)
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=attack_for_ever, args=(attack, port), daemon=True)
    process.start()
    time.sleep(3.0)
    yield
    process.kill()
    process.join()


def _style(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as home:
        found = re.search(rb'href="(/static/[^"]+css)"', home.read())
    if found is None:
        raise LookupError("the home page names no style sheet")
    return found[1]


def attack_for_ever(attack: Attack, port: int) -> None:
    """Hold the connections, and open anew what is closed."""
    held: dict[int, socket.socket] = {}
    while True:
        begun = time.monotonic()
        for number in range(attack.connections):
            if not (number in held and _goes_on(held[number], attack.more)):
                held.pop(number, None)
                with suppress(OSError):
                    held[number] = _opened(attack, port, number)
        time.sleep(max(0.05, _SLOWNESS - (time.monotonic() - begun)))


def _goes_on(client: socket.socket, more: bytes) -> bool:
    """Send a little more, if the server still listens."""
    try:
        if more:
            client.send(more)
            return True
        return client.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _opened(attack: Attack, port: int, number: int) -> socket.socket:
    client = socket.socket()
    if attack.window:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, attack.window)
    client.settimeout(1.0)
    client.bind((f"127.1.{number // 250}.{1 + number % 250}", 0))
    client.connect(("127.0.0.1", port))
    client.setblocking(False)
    with suppress(BlockingIOError):
        client.send(attack.begin)
    return client


if __name__ == "__main__":
    sys.exit(main())
