"""Groups of copies in a gallery: found when it is indexed, read for review ever after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.bundle import INDEX_REMEDY, Bundle, fail
from model.copies import SAME, hash_of, same_picture, telling
from model.gallery import Record
from model.hamming import Rows, Words, close_pairs

# Pairs are joined so many at a time: each time costs a look at every row.
_TOGETHER: Final = 1 << 20


class Copy(NamedTuple):
    """One picture of a group. similarity: cosine, with the first of the group.

    elsewhere: paths of the other files that are the same byte for byte.
    """

    record: Record
    elsewhere: tuple[str, ...]
    similarity: float

    @property
    def paths(self) -> tuple[str, ...]:
        """Where its files lie."""
        return (self.record.path, *self.elsewhere)


@dataclass(frozen=True)
class Group:
    """Pictures that are copies of one another, the largest first.

    A group of one picture has files that are the same byte for byte. count: how many pictures the
    group has, of which these may be a part.
    """

    copies: list[Copy]
    count: int

    @property
    def files(self) -> int:
        """How many files the pictures that are listed lie in."""
        return sum(len(copy.paths) for copy in self.copies)


def groups_of(
    bundle: Bundle, *, offset: int, limit: int, most: int, exact: bool = False
) -> list[Group]:
    """Return the groups `offset` to `offset + limit`, and at most `most` pictures of each.

    exact: only pictures that lie in several files, each by itself. An index that was made before
    copies were looked for has no groups.
    """
    found = bundle.gallery.copies(offset, limit, exact=exact)
    return [_group(bundle, rows[:most], len(rows)) for rows in found]


def require_copies(bundle: Bundle) -> None:
    """Raise BundleError where the index was made before copies were looked for."""
    if not bundle.gallery.knows_copies:
        problem = "was indexed before copies were looked for."
        fail(bundle.folder, "copies", problem, INDEX_REMEDY)


def find_groups(signatures: Words) -> list[list[int]]:
    """Return the rows of pictures that are copies of one another, ascending, by their first row.

    signatures: uint64 (N, 10), see `model/copies.py`. A copy of a copy belongs to the group, too.
    Memory grows with N, not with the number of pairs.
    """
    rows = np.flatnonzero(telling(signatures))
    order = np.lexsort(signatures[rows].T)
    rows, ordered = rows[order], signatures[rows[order]]
    # What has the very same signature is one group already, and one row of it stands for all.
    first = np.ones(len(rows), np.bool_)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    kept = ordered[first]
    roots = np.arange(len(kept))
    for ours, theirs in _together(close_pairs(hash_of(kept), SAME)):
        same = same_picture(kept[ours], kept[theirs])
        _join(roots, ours[same], theirs[same])
    return _groups(rows, roots[np.cumsum(first) - 1])


def _group(bundle: Bundle, rows: Sequence[int], count: int) -> Group:
    records = bundle.gallery.records(rows)
    elsewhere = bundle.gallery.elsewhere(rows)
    largest = bundle.embeddings[rows[0]]
    similar = np.vecdot(bundle.embeddings[list(rows)], largest).clip(-1, 1).tolist()
    parts = zip(records, similar, strict=True)
    return Group([Copy(each, elsewhere.get(each.row, ()), score) for each, score in parts], count)


def _together(parts: Iterator[tuple[Rows, Rows]]) -> Iterator[tuple[Rows, Rows]]:
    """Yield the same pairs in larger parts."""
    held: list[tuple[Rows, Rows]] = []
    for part in parts:
        held.append(part)
        if sum(len(ours) for ours, _ in held) >= _TOGETHER:
            yield _concatenated(held)
            held = []
    if held:
        yield _concatenated(held)


def _concatenated(parts: list[tuple[Rows, Rows]]) -> tuple[Rows, Rows]:
    ours, theirs = zip(*parts, strict=True)
    return np.concatenate(ours), np.concatenate(theirs)


def _join(roots: Rows, ours: Rows, theirs: Rows) -> None:
    """Give both of each pair the same root, in place: the lowest row that hangs together."""
    while (apart := roots[ours] != roots[theirs]).any():
        ours, theirs = ours[apart], theirs[apart]
        ends = roots[ours], roots[theirs]
        np.minimum.at(roots, np.maximum(*ends), np.minimum(*ends))
        while ((higher := roots[roots]) != roots).any():
            roots[:] = higher


def _groups(rows: Rows, labels: NDArray[np.int64]) -> list[list[int]]:
    """Collect the rows of each label that more than one row has."""
    order = np.lexsort((rows, labels))
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    parts = np.split(rows[order], starts[1:])
    return sorted(part.tolist() for part in parts if len(part) > 1)
