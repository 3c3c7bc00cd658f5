"""Which pictures of an index may be found: those that filters leave, all or one of each group."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Terms:
    """What pictures were chosen by, for an index that knows their words itself.

    words: alternatives of each kind that was chosen from, as `facets.words_of` writes them. days:
    the first and the last, as `facets.day` writes them; None: any, even none.
    """

    words: tuple[tuple[str, ...], ...] = ()
    days: tuple[int, int] | None = None


@dataclass(frozen=True)
class Selection:
    """A part of an index of N pictures.

    allowed: bool (N,). groups: int32 (N,), 0 to N - 1 and equal for pictures of one group, where
    only one picture of each group is wanted; else None. terms: what `allowed` follows from.
    """

    allowed: NDArray[np.bool_]
    groups: NDArray[np.int32] | None = None
    terms: Terms = Terms()

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The rows that are allowed, ascending."""
        return np.flatnonzero(self.allowed)

    @cached_property
    def wanted(self) -> NDArray[np.int64]:
        """What can be found, in the gallery's order: all rows, or the first of each group."""
        if self.groups is None:
            return self.rows
        backwards = self.rows[::-1]
        first = np.full(len(self.groups), -1, np.int64)
        first[self.groups[backwards]] = backwards  # what is assigned last stays
        return np.sort(first[first >= 0])

    @property
    def count(self) -> int:
        """How many pictures can be found: one of each group, where that is wanted."""
        return len(self.wanted)

    def without(self, row: int | None) -> Self:
        """Return the selection without a row, such as the query's own."""
        if row is None or not self.allowed[row]:
            return self
        allowed = self.allowed.copy()
        allowed[row] = False
        return type(self)(allowed, self.groups, self.terms)

    def first_places(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places in a list of rows where a group is met first; else all places."""
        if self.groups is None:
            return np.arange(len(rows))
        return np.sort(np.unique(self.groups[rows], return_index=True)[1])
