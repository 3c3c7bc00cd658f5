"""Decides how the pictures of an index get their places: beside the old ones, or all anew."""

import numpy as np
from numpy.typing import NDArray

from model.mapping.atlas import Atlas, MapInfo
from model.mapping.joining import joined
from model.mapping.plane import Cells
from model.mapping.sorting import laid_out

SORTED = "self-sorting map"


def placed(
    embeddings: NDArray[np.float32], ids: list[str], old: tuple[Atlas, list[str]] | None
) -> tuple[Cells, MapInfo]:
    """Return a place, int64 (N, 2), for each embedding, float32 (N, D), and how they came about.

    old: the map of an earlier index by the same encoder, and its ids, by row. Its places are kept,
    and what is new is put beside; where more is new or gone than stays, all is laid out anew.
    """
    if old is not None:
        atlas, theirs = old
        rows = {identifier: row for row, identifier in enumerate(theirs)}
        before = np.array([rows.get(identifier, -1) for identifier in ids])
        known = before >= 0
        kept = int(known.sum())
        if kept > max(len(ids), len(theirs)) / 2:
            cells = joined(embeddings, atlas.cells[before], known)
            return cells, described(atlas.info.method, cells, atlas.info.joined + len(ids) - kept)
    cells = laid_out(embeddings)
    return cells, described(SORTED, cells)


def described(method: str, cells: Cells, joined: int = 0) -> MapInfo:
    """Return what a manifest tells of a map."""
    columns, lines = (int(most) + 1 for most in cells.max(axis=0))
    return MapInfo(method=method, columns=columns, lines=lines, joined=joined)
