"""The embeddings that are searched, on disk, and what is exactly nearest to each query.

Nothing here holds all of them in memory.
"""

import json
import os
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import Spectrum
from model.ranking.embedded import best
from model.ranking.interface import scored

LIMIT: Final = 24
# Approximate indexes are set up with some queries, and measured with others.
TRIED: Final = 50
ASKED: Final = 200
_BLOCK: Final = 65_536
_QUERIES_SEED: Final = 2
_ROWS_SEED: Final = 1000

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]


class Data(NamedTuple):
    """embeddings: float32 (N, D), mapped. queries: float32 (TRIED + ASKED, D).

    exact: int64 (TRIED + ASKED, LIMIT), the rows that are nearest to each, in no order.
    """

    embeddings: Vectors
    queries: Vectors
    exact: Rows


def make(folder: Path, spectrum: Spectrum, count: int) -> None:
    """Write embeddings, queries and what is nearest into a folder, unless they are there."""
    told = {"count": count, "dimensions": spectrum.dimensions, "source": spectrum.source}
    done = folder / "made.json"
    if done.exists() and json.loads(done.read_text()) == told:
        return
    done.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    shape = (count, spectrum.dimensions)
    rows = np.lib.format.open_memmap(folder / "embeddings.npy", "w+", np.float32, shape)
    for start in range(0, count, _BLOCK):
        block = rows[start : start + _BLOCK]
        block[:] = spectrum.draw(len(block), seed=_ROWS_SEED + start // _BLOCK)
    rows.flush()
    queries = spectrum.draw(TRIED + ASKED, seed=_QUERIES_SEED)
    np.save(folder / "queries.npy", queries)
    np.save(folder / "exact.npy", nearest(rows, queries))
    done.write_text(json.dumps(told))


def read(folder: Path) -> Data:
    """Open what `make` wrote."""
    embeddings = np.load(folder / "embeddings.npy", mmap_mode="r")
    return Data(embeddings, np.load(folder / "queries.npy"), np.load(folder / "exact.npy"))


def nearest(embeddings: Vectors, queries: Vectors) -> Rows:
    """Return the LIMIT nearest rows of each query, by all dot products, block by block."""
    rows: Rows = np.zeros((len(queries), 0), np.int64)
    scores: Vectors = np.zeros((len(queries), 0), np.float32)
    for start in range(0, len(embeddings), _BLOCK):
        block = queries @ embeddings[start : start + _BLOCK].T
        numbers = np.broadcast_to(np.arange(start, start + block.shape[1]), block.shape)
        scores = np.concatenate([scores, block], axis=1)
        rows = np.concatenate([rows, numbers], axis=1)
        kept = np.argpartition(-scores, LIMIT - 1, axis=1)[:, :LIMIT]
        rows = np.take_along_axis(rows, kept, axis=1)
        scores = np.take_along_axis(scores, kept, axis=1)
    return rows


def ranked(embeddings: Vectors, rows: Rows, query: Vectors) -> Rows:
    """Return the LIMIT best of some rows, by their whole embeddings."""
    return rows[best(scored(embeddings[rows], query), limit=LIMIT).rows]


def bytes_in(folder: Path) -> int:
    """Return what the files of a folder take on the disk, links not followed."""
    found = 0
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            found += 0 if path.is_symlink() else path.stat().st_blocks * 512
    return found
