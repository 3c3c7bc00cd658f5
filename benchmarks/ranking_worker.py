"""Ranks on demand, in a process whose threads were limited before it loaded any library.

`python -m benchmarks.ranking_worker BUNDLE`.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import why_absent
from benchmarks.measure import interleaved, milliseconds
from benchmarks.results import OURS
from benchmarks.synthetic import Spectrum
from benchmarks.worker import serve
from model.ranking import Ranking
from model.sketch import Sketch

LIMIT: Final = 24
_QUERIES: Final = 60

Vectors = NDArray[np.float32]
Method = Callable[[Vectors], NDArray[np.int64]]


def main() -> None:
    """Answer {"bytes": N} with the size of N embeddings, {"count": N, "rounds": R} with times."""
    spectrum = Spectrum.of(Path(sys.argv[1]))

    def answer(question: Any) -> Any:
        if "bytes" in question:
            return question["bytes"] * spectrum.dimensions * 4
        return _measure(spectrum, question["count"], question["rounds"])

    serve(answer)


def _measure(spectrum: Spectrum, count: int, rounds: int) -> dict[str, Any]:
    embeddings = spectrum.draw(count, seed=1)
    queries = spectrum.draw(_QUERIES, seed=2)
    sketch = Sketch.of(embeddings)
    methods = _methods(embeddings, sketch)
    asked = {how: _asked(method, queries) for how, method in methods.items()}
    arrays = {"read once": embeddings} | ({"read the sketch": sketch.values} if sketch else {})
    bounds = {name: _reading(array) for name, array in arrays.items()} | _copying(embeddings)
    times = interleaved({**asked, **bounds}, rounds)
    exact = [_product(embeddings, query) for query in queries]
    recall = {how: _recall(method, queries, exact) for how, method in _checked(methods).items()}
    notes = {name: f"{arrays.get(name, embeddings).nbytes / 1e6:,.0f} MB" for name in bounds}
    return {"milliseconds": times, "recall": recall, "notes": notes}


def _methods(embeddings: Vectors, sketch: Sketch | None) -> dict[str, Method]:
    """Return the ways to find the nearest rows; each takes a query, float32 (D,)."""
    ranking, whole = Ranking(embeddings, sketch), Ranking(embeddings)
    methods: dict[str, Method] = {
        OURS: lambda query: ranking.search(query, limit=LIMIT).rows,
        "without the sketch": lambda query: whole.search(query, limit=LIMIT).rows,
        "X @ q, argpartition": lambda query: _product(embeddings, query),
        "norm(X - q), argsort": lambda query: _naive(embeddings, query),
    }
    if not why_absent("faiss"):
        index: Any = importlib.import_module("faiss").IndexFlatIP(embeddings.shape[1])
        index.add(embeddings)
        methods["FAISS IndexFlatIP"] = lambda query: index.search(query[np.newaxis], LIMIT)[1][0]
    return methods


def _product(embeddings: Vectors, query: Vectors) -> NDArray[np.int64]:
    scores = embeddings @ query
    nearest = np.argpartition(scores, -LIMIT)[-LIMIT:]
    return nearest[np.argsort(-scores[nearest])]


def _naive(embeddings: Vectors, query: Vectors) -> NDArray[np.int64]:
    return np.argsort(np.linalg.norm(embeddings - query, axis=1))[:LIMIT]


def _reading(array: Vectors) -> Callable[[], float]:
    """Return a measurement of what the memory allows: to read an array once."""
    flat = array.reshape(-1)
    return milliseconds(lambda: flat @ flat)


def _copying(embeddings: Vectors) -> dict[str, Callable[[], float]]:
    target = np.empty_like(embeddings)
    return {"copy": milliseconds(lambda: np.copyto(target, embeddings))}


def _asked(method: Method, queries: Vectors) -> Callable[[], float]:
    """Return a measurement that asks with another query each time."""
    turn = 0

    def ask() -> float:
        nonlocal turn
        turn += 1
        return milliseconds(lambda: method(queries[turn % len(queries)]))()

    return ask


def _checked(methods: dict[str, Method]) -> dict[str, Method]:
    """Leave out what is exact by its definition, and slow."""
    return {how: method for how, method in methods.items() if not how.startswith("norm")}


def _recall(method: Method, queries: Vectors, exact: list[NDArray[np.int64]]) -> float:
    found = [
        np.isin(rows, method(query)).mean() for query, rows in zip(queries, exact, strict=True)
    ]
    return float(np.mean(found))


if __name__ == "__main__":
    main()
