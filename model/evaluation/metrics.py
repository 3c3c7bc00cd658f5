"""What is counted of a ranking, query by query."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.evaluation.labelled import DISTRACTORS, FEWEST
from model.evaluation.methods import Similarities

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Searched:
    """What each of Q queries found.

    queries, first: int64 (Q,), the rows of the query and of its nearest. rank: int64 (Q,), of the
    first that has the query's label, from 1. labels: (Q,). values: by metric, float64 (Q,).
    """

    queries: NDArray[np.int64]
    labels: NDArray[np.str_]
    first: NDArray[np.int64]
    rank: NDArray[np.int64]
    values: dict[str, Values]


def search(similarities: Similarities, labels: NDArray[np.str_], fewest: int = FEWEST) -> Searched:
    """Search with every query of a similarity matrix, float32 (N, N), higher is nearer.

    P@k is the share of the first k that have the query's label. P@R is that of the first R, where R
    is how many have it: 1 can be reached, however few they are (R-precision: Manning, Raghavan and
    Schuetze, Introduction to Information Retrieval, 2008, section 8.4). mAP is the mean of the
    precisions at the place of each that has it.
    """
    queries = _queries(labels, fewest)
    orders = [_order(similarities[query], query) for query in queries]
    hits = [labels[order] == labels[query] for query, order in zip(queries, orders, strict=True)]
    return Searched(
        queries,
        labels[queries],
        np.array([order[0] for order in orders], np.int64),
        np.array([int(hit.argmax()) + 1 for hit in hits], np.int64),
        {
            "P@1": np.array([hit[:1].mean() for hit in hits], np.float64),
            "P@5": np.array([hit[:5].mean() for hit in hits], np.float64),
            "P@R": np.array([hit[: hit.sum()].mean() for hit in hits], np.float64),
            "mAP": np.array([_average_precision(hit) for hit in hits], np.float64),
        },
    )


def _queries(labels: NDArray[np.str_], fewest: int) -> NDArray[np.int64]:
    names, counts = np.unique(labels, return_counts=True)
    large = names[(counts >= max(fewest, 2)) & (names != DISTRACTORS)]
    return np.flatnonzero(np.isin(labels, large))


def _order(row: NDArray[np.float32], query: np.int64) -> NDArray[np.int64]:
    """Return the other rows, the nearest first."""
    order = np.argsort(-row, kind="stable")
    others: NDArray[np.int64] = order[order != query]
    return others


def _average_precision(hits: NDArray[np.bool_]) -> float:
    places = np.flatnonzero(hits)
    return float(np.mean(np.arange(1, len(places) + 1) / (places + 1)))
