"""What is measured: each kind builds its index on disk, and opens it to be searched."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np

from benchmarks.growth import vectors
from benchmarks.growth.vectors import LIMIT, Rows, Vectors
from model.ranking import Ranking
from model.sketch import Sketch


class Place(NamedTuple):
    """data: the folder with the embeddings. made: the folder of what was made of them.

    address: where a server answers, or "".
    """

    data: Path
    made: Path
    address: str = ""


class Needs(NamedTuple):
    """What building and searching take at the most, in bytes."""

    memory: float
    disk: float


class Searcher(NamedTuple):
    """search: returns the LIMIT nearest rows of a query, float32 (D,).

    efforts: how hard it can try, from the least; exert: sets that. Both are empty where there is
    nothing to choose.
    """

    search: Callable[[Vectors], Rows]
    efforts: Sequence[int] = ()
    exert: Callable[[int], None] = lambda _: None


class Kind(ABC):
    """A way to find the nearest.

    name: on the command line and in the results. told: in words. processes: that search side by
    side. mapped: whether it reads the embeddings' own file, too.
    """

    name: ClassVar[str]
    told: ClassVar[str]
    processes: ClassVar[int] = 1
    mapped: ClassVar[bool] = False

    @abstractmethod
    def needs(self, count: int, dimensions: int) -> Needs:
        """Return what so many embeddings take, beside their own file."""

    @abstractmethod
    def build(self, place: Place) -> None:
        """Make the index and write it into its folder."""

    @abstractmethod
    def open(self, place: Place) -> Searcher:
        """Open it to be searched."""

    def missing(self) -> str:
        """Return what is not installed, in a sentence, or ""."""
        return ""

    @contextmanager
    def serving(self, place: Place) -> Iterator[tuple[Place, Callable[[], list[int]]]]:
        """Run the server that it needs, if any.

        Yields the place with its address, and what returns the processes that are to be counted
        beside those that search.
        """
        yield place, list

    def answering(self, own: list[int], servers: list[int]) -> list[int]:
        """Return the processes that answer: those that search themselves, or their server's."""
        return own + servers


class Embedded(Kind):
    """Ours: files as a bundle has them, mapped by two processes as by the server's two workers."""

    name = "embedded"
    told = "imagesearch, embedded"
    processes = 2
    mapped = True

    def needs(self, count: int, dimensions: int) -> Needs:
        """Nothing but the sketch is ever held by a process; the rest is mapped."""
        sketch = count * dimensions * 4 * 3 / 8
        return Needs(memory=sketch + 3e8, disk=sketch)

    def build(self, place: Place) -> None:
        """Write the sketch, as an index does that has become large."""
        if sketch := Sketch.of(vectors.read(place.data).embeddings):
            np.save(place.made / "sketch.npy", sketch.values)

    def open(self, place: Place) -> Searcher:
        """Map embeddings and sketch."""
        embeddings = vectors.read(place.data).embeddings
        kept = place.made / "sketch.npy"
        sketch = None
        if kept.exists():
            sketch = Sketch(np.load(kept, mmap_mode="r"), embeddings.shape[1])
        ranking = Ranking(embeddings, sketch)
        return Searcher(lambda query: ranking.search(query, limit=LIMIT).rows)
