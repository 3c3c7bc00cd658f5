"""FAISS, the library that similarity search is measured against.

M. Douze and others, "The Faiss library", 2024. Parameters are those of the engine's graph, or what
FAISS's own guidelines say of so many embeddings; how hard a search tries is found by measuring
(searching.py).
"""

import importlib
import math
from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from benchmarks.growth import vectors
from benchmarks.growth.kinds import Kind, Needs, Place, Searcher
from benchmarks.growth.vectors import LIMIT, Rows, Vectors
from benchmarks.machine import why_absent
from model.ranking.filling import GRAPH

_BLOCK = 65_536
# Bytes of a graph for each embedding: twice M links of four bytes, and a few above.
_LINKS = 8 * GRAPH["M"] + 32
# So many embeddings for each list train the lists, and so many all of them the codes.
_FOR_EACH_LIST = 64
_FOR_CODES = 65_536
_ROUNDS = 10


class Faiss(Kind):
    """An index of FAISS, read into the memory of one process."""

    def missing(self) -> str:
        """Look for the library."""
        return why_absent("faiss")

    def build(self, place: Place) -> None:
        """Train, add block by block, and write."""
        embeddings = vectors.read(place.data).embeddings
        index = self._made(embeddings)
        for start in range(0, len(embeddings), _BLOCK):
            index.add(np.ascontiguousarray(embeddings[start : start + _BLOCK]))
        _library().write_index(index, str(place.made / "index.faiss"))

    def open(self, place: Place) -> Searcher:
        """Read the whole index."""
        index = _library().read_index(str(place.made / "index.faiss"))
        return self._searcher(index, vectors.read(place.data).embeddings)

    @abstractmethod
    def _made(self, embeddings: Vectors) -> Any:
        """Return an index that is ready to be filled."""

    @abstractmethod
    def _searcher(self, index: Any, embeddings: Vectors) -> Searcher:
        """Return how it is searched."""


class Flat(Faiss):
    """Every embedding is read."""

    name = "faiss-flat"
    told = "FAISS, IndexFlatIP"

    def needs(self, count: int, dimensions: int) -> Needs:
        """The embeddings again."""
        whole = count * dimensions * 4
        return Needs(memory=whole + 5e8, disk=whole)

    def _made(self, embeddings: Vectors) -> Any:
        index = _library().IndexFlatIP(embeddings.shape[1])
        _reserve(index, embeddings)
        return index

    def _searcher(self, index: Any, embeddings: Vectors) -> Searcher:  # noqa: ARG002
        return Searcher(lambda query: _first(index, query, LIMIT))


class Graph(Faiss):
    """The engine's kind of graph, in one piece."""

    name = "faiss-hnsw"
    told = "FAISS, IndexHNSWFlat"

    def needs(self, count: int, dimensions: int) -> Needs:
        """The embeddings again, and links, whose memory doubles as it grows."""
        whole = count * (dimensions * 4 + _LINKS)
        return Needs(memory=whole + count * _LINKS + 5e8, disk=whole)

    def _made(self, embeddings: Vectors) -> Any:
        library = _library()
        shape = embeddings.shape[1], GRAPH["M"], library.METRIC_INNER_PRODUCT
        index = library.IndexHNSWFlat(*shape)
        index.hnsw.efConstruction = GRAPH["efConstruction"]
        _reserve(library.downcast_index(index.storage), embeddings)
        return index

    def _searcher(self, index: Any, embeddings: Vectors) -> Searcher:  # noqa: ARG002
        def exert(effort: int) -> None:
            index.hnsw.efSearch = effort

        efforts = [2**power for power in range(5, 12)]
        return Searcher(lambda query: _first(index, query, LIMIT), efforts, exert)


class Lists(Faiss):
    """Compressed embeddings in lists, by the centre that is nearest; only the nearest are read.

    The best estimates are ranked again by the embeddings themselves, which stay on the disk.

    stored: bytes of an embedding of 256 dimensions. again: how many are ranked again.
    """

    mapped = True
    stored: ClassVar[int]
    again: ClassVar[int]

    def needs(self, count: int, dimensions: int) -> Needs:
        """Codes and ids, which grow by doubling, and what trains them."""
        codes = count * (self.stored * dimensions / 256 + 8)
        trained = (_lists(count) * _FOR_EACH_LIST + _FOR_CODES) * dimensions * 4
        return Needs(memory=2 * codes + 2 * trained + 5e8, disk=codes)

    def _made(self, embeddings: Vectors) -> Any:
        index = self._empty(embeddings.shape[1], _lists(len(embeddings)))
        index.cp.niter = _ROUNDS
        index.cp.max_points_per_centroid = _FOR_EACH_LIST
        wanted = max(_lists(len(embeddings)) * _FOR_EACH_LIST, _FOR_CODES)
        index.train(np.ascontiguousarray(embeddings[: min(wanted, len(embeddings))]))
        return index

    @abstractmethod
    def _empty(self, dimensions: int, lists: int) -> Any:
        """Return an index that knows nothing yet."""

    def _searcher(self, index: Any, embeddings: Vectors) -> Searcher:
        def exert(effort: int) -> None:
            index.nprobe = effort

        def search(query: Vectors) -> Rows:
            found = np.sort(_first(index, query, self.again))
            return vectors.ranked(embeddings, found[found >= 0], query)

        return Searcher(search, _efforts(index.nlist), exert)


class Bytes(Lists):
    """Each number in one byte."""

    name = "faiss-sq8"
    told = "FAISS, IndexIVFScalarQuantizer, 8 bits, re-ranked"
    stored = 256
    again = 128

    def _empty(self, dimensions: int, lists: int) -> Any:
        library = _library()
        centres = library.IndexFlatIP(dimensions)
        bits, metric = library.ScalarQuantizer.QT_8bit, library.METRIC_INNER_PRODUCT
        return library.IndexIVFScalarQuantizer(centres, dimensions, lists, bits, metric)


class Codes(Lists):
    """Four numbers in one byte."""

    name = "faiss-pq"
    told = "FAISS, IndexIVFPQ, 4 numbers in a byte, re-ranked"
    stored = 64
    again = 1024

    def _empty(self, dimensions: int, lists: int) -> Any:
        library = _library()
        centres = library.IndexFlatIP(dimensions)
        metric = library.METRIC_INNER_PRODUCT
        index = library.IndexIVFPQ(centres, dimensions, lists, dimensions // 4, 8, metric)
        index.pq.cp.niter = _ROUNDS
        return index


def _library() -> Any:
    return importlib.import_module("faiss")


def _first(index: Any, query: Vectors, count: int) -> Rows:
    """Search once, and return the rows that were found; -1 where there were no more."""
    rows: Rows = index.search(query[np.newaxis], count)[1][0]
    return rows


def _reserve(index: Any, embeddings: Vectors) -> None:
    """Take the memory of all at once: growing by doubling, it would take twice as much."""
    index.codes.resize(embeddings.nbytes)
    index.codes.resize(0)


def _lists(count: int) -> int:
    """Return how many lists so many embeddings are put into: twice their root."""
    return max(1, round(2 * math.sqrt(count)))


def _efforts(lists: int) -> list[int]:
    """Return how many lists may be read: powers of two, and all of them."""
    return [2**power for power in range(int(math.log2(lists)) + 1)] + [lists]
