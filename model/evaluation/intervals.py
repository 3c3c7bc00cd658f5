"""How far a figure can be trusted: percentile bootstrap (B. Efron, 1979), 95 %, 2,000 draws.

Drawn again are the queries; and, apart from that, whole labels with all of their queries, for the
pictures of one bridge are not independent: a few easy or hard bridges decide a mean. Both are told.
With fewer than four labels the second says nothing.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.evaluation.metrics import Searched, Values
from model.quality import Figure

DRAWS: Final = 2_000
FEWEST_LABELS: Final = 4
_BOUNDS: Final = (2.5, 97.5)


def figures(searched: Searched) -> dict[str, Figure]:
    """Return every metric's mean over the queries, and macro_mAP: the mean of the labels' means.

    All are 0 without a query.
    """
    groups = _groups(searched.labels)
    found = {name: mean(values, groups) for name, values in searched.values.items()}
    found["macro_mAP"] = _mean_of_means(searched.values["mAP"], groups)
    return found


def mean(values: Values, groups: list[NDArray[np.int64]]) -> Figure:
    """Return the mean of values, (Q,), whose rows fall into these groups."""
    if not len(values):
        return Figure(value=0.0, low=0.0, high=0.0)
    sums = np.array([values[rows].sum() for rows in groups])
    sizes = np.array([len(rows) for rows in groups])

    def by_label(chance: np.random.Generator) -> Values:
        drawn = _draws(chance, len(groups))
        return np.asarray(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), np.float64)

    def by_query(chance: np.random.Generator) -> Values:
        return _drawn_means(chance, values)

    return _figure(values.mean(), by_query, by_label if len(groups) >= FEWEST_LABELS else None)


def _mean_of_means(values: Values, groups: list[NDArray[np.int64]]) -> Figure:
    """Return the mean over the groups of their means; queries are drawn within their group."""
    if not groups:
        return Figure(value=0.0, low=0.0, high=0.0)
    means = np.array([values[rows].mean() for rows in groups])

    def by_query(chance: np.random.Generator) -> Values:
        return np.asarray(np.mean([_drawn_means(chance, values[rows]) for rows in groups], axis=0))

    def by_label(chance: np.random.Generator) -> Values:
        return _drawn_means(chance, means)

    return _figure(means.mean(), by_query, by_label if len(groups) >= FEWEST_LABELS else None)


_Draw = Callable[[np.random.Generator], Values]


def _figure(value: float, by_query: _Draw, by_label: _Draw | None) -> Figure:
    low, high = np.percentile(by_query(np.random.default_rng(0)), _BOUNDS).tolist()
    figure = Figure(value=float(value), low=low, high=high)
    if by_label is None:
        return figure
    low, high = np.percentile(by_label(np.random.default_rng(0)), _BOUNDS).tolist()
    return Figure(
        value=figure.value, low=figure.low, high=figure.high, label_low=low, label_high=high
    )


def _drawn_means(chance: np.random.Generator, values: Values) -> Values:
    return np.asarray(values[_draws(chance, len(values))].mean(axis=1), np.float64)


def _draws(chance: np.random.Generator, count: int) -> NDArray[np.int64]:
    return chance.integers(0, count, (DRAWS, count))


def _groups(labels: NDArray[np.str_]) -> list[NDArray[np.int64]]:
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]
