"""Searches one index on demand: `python -m benchmarks.growth.searching KIND PLACE...`.

A search computes on one thread, as in a server whose processes share the cores already.
"""

import itertools
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.growth import vectors
from benchmarks.growth.all_kinds import KINDS
from benchmarks.growth.kinds import Place, Searcher
from benchmarks.growth.vectors import TRIED, Data, Rows
from benchmarks.worker import serve

# What an index that may pass over matches is asked for: the least effort with this recall.
RECALL: Final = 0.99
# So many queries at least are searched for, however long they take.
_FEWEST: Final = 10
# Clients begin so many queries apart.
_APART: Final = 37


def main() -> None:
    """Answer {"do": what, "seconds": at the most, ...} with what was measured."""
    name, data, index, address = sys.argv[1:]
    place = Place(Path(data), Path(index), address)
    searching = _Searching(KINDS[name].open(place), vectors.read(place.data))
    serve(lambda question: getattr(searching, question.pop("do"))(**question))


class _Searching:
    """What can be asked for."""

    def __init__(self, searcher: Searcher, data: Data) -> None:
        self._searcher = searcher
        self._data = data

    def warm(self, seconds: float) -> dict[str, Any]:
        """Find the effort that it takes, and search with the queries that are not measured."""
        for effort in self._searcher.efforts:
            self._searcher.exert(effort)
            if self._tried(seconds) >= RECALL:
                return {"effort": effort}
        if not self._searcher.efforts:
            self._tried(seconds)
        return {"effort": self._searcher.efforts[-1] if self._searcher.efforts else None}

    def alone(self, seconds: float) -> dict[str, Any]:
        """Search one after the other with the queries that are measured."""
        times: list[float] = []
        found: list[float] = []
        until = time.monotonic() + seconds
        for place in range(TRIED, len(self._data.queries)):
            if len(times) >= _FEWEST and time.monotonic() > until:
                break
            begun = time.perf_counter()
            rows = self._searcher.search(self._data.queries[place])
            times.append((time.perf_counter() - begun) * 1000)
            found.append(_share(rows, self._data.exact[place]))
        return {"milliseconds": times, "recall": float(np.mean(found))}

    def together(self, seconds: float, clients: int, first: int) -> dict[str, Any]:
        """Search with so many clients at once; first: the number of the first of them."""
        times: list[float] = []
        until = time.monotonic() + seconds
        action = partial(self._client, times, until)
        threads = [threading.Thread(target=action, args=(first + n,)) for n in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {"milliseconds": times}

    def _tried(self, seconds: float) -> float:
        """Return the recall of the queries that are not measured, as far as there is time."""
        found: list[float] = []
        until = time.monotonic() + seconds
        for place in range(TRIED):
            if len(found) < _FEWEST or time.monotonic() < until:
                rows = self._searcher.search(self._data.queries[place])
                found.append(_share(rows, self._data.exact[place]))
        return float(np.mean(found))

    def _client(self, times: list[float], until: float, number: int) -> None:
        """Search until the time is over, once at least; clients begin with different queries."""
        queries = self._data.queries[TRIED:]
        for place in itertools.count(number * _APART):
            begun = time.perf_counter()
            self._searcher.search(queries[place % len(queries)])
            times.append((time.perf_counter() - begun) * 1000)
            if time.monotonic() >= until:
                return


def _share(rows: Rows, exact: Rows) -> float:
    """Return the recall of one query."""
    return float(np.isin(exact, rows).mean())


if __name__ == "__main__":
    main()
