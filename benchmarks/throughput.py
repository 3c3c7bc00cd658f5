"""Searches per second, and how long each takes, when several people search at once."""

import threading
import time
from contextlib import ExitStack
from functools import partial
from typing import Final

from benchmarks import servers
from benchmarks.drawings import USUAL, jpeg
from benchmarks.machine import why_absent
from benchmarks.measure import interleaved, percentile
from benchmarks.options import Options
from benchmarks.results import OURS, Chart, Row, Section, absent, row
from benchmarks.worker import ChildFailed

CLIENTS: Final = (1, 4, 16)
_RATE, _HALF, _MOST = "searches/s", "ms (p50)", "ms (p99)"


def run(options: Options) -> Section:
    """Let both servers run, and search on each in turn."""
    return Section(
        name="throughput",
        title="Searches per second",
        about=(
            "gunicorn with two workers on loopback; every client sends a 640x480 JPEG, waits for "
            "the answer and sends the next. The clients run on the same cores. p50 and p99: half "
            "of the answers, and 99 of 100, came within this time."
        ),
        charts=(
            Chart(title="Searches per second", unit=_RATE),
            Chart(title="99 of 100 searches are answered within", unit=_MOST),
        ),
        rows=tuple(_rows(options)),
    )


def _rows(options: Options) -> list[Row]:
    ours, theirs = servers.ours(options.bundle), servers.plain(options.bundle)
    missing = why_absent("tensorflow")
    with ExitStack() as stack:
        running = {ours.name: stack.enter_context(servers.running(ours))}
        if not missing:
            try:
                running[theirs.name] = stack.enter_context(servers.running(theirs))
            except ChildFailed as error:
                missing = str(error)
        rows = [row for count in CLIENTS for row in _at(count, running, options)]
    return [*rows, absent("all of these", theirs.name, _RATE, missing)] if missing else rows


def _at(count: int, running: dict[str, servers.Server], options: Options) -> list[Row]:
    loads = {name: _Load(server, count) for name, server in running.items()}
    seconds = options.choose(4.0, 0.3)
    rates = interleaved(
        {name: partial(load.search, seconds) for name, load in loads.items()},
        options.choose(3, 1),
    )
    what = f"{count} client{'s' if count > 1 else ''}"
    rows: list[Row] = []
    base: dict[str, list[float]] = {}
    for name, load in loads.items():
        figures = {_RATE: rates[name], _HALF: load.within(0.50), _MOST: load.within(0.99)}
        base = figures if name == OURS else base
        failed = f"{load.failed} failed" if load.failed else ""
        rows += [
            row(what, name, unit, values, base=base[unit] if name != OURS else None, note=failed)
            for unit, values in figures.items()
        ]
    return rows


class _Load:
    """A number of clients that search without a pause."""

    def __init__(self, server: servers.Server, clients: int) -> None:
        self._server, self._clients = server, clients
        self._picture = jpeg(USUAL)
        self._times: list[list[float]] = []  # milliseconds, one list for each call of `search`
        self.failed = 0

    def search(self, seconds: float) -> float:
        """Search with all clients for a while, and return searches per second."""
        taken: list[float] = []
        begun = time.perf_counter()
        until = begun + seconds
        threads = [
            threading.Thread(target=self._one_client, args=(until, taken))
            for _ in range(self._clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._times.append(taken or [float("inf")])
        return len(taken) / (time.perf_counter() - begun)

    def within(self, share: float) -> list[float]:
        """Return in which time this share was answered, round by round without the warming one."""
        return [percentile(times, share) for times in self._times[1:]]

    def _one_client(self, until: float, taken: list[float]) -> None:
        client = self._server.client()
        while (start := time.perf_counter()) < until:
            try:
                client.search(self._picture)
                taken.append((time.perf_counter() - start) * 1000)
            except ChildFailed:
                self.failed += 1
        client.close()
