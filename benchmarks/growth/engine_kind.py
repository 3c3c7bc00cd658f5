"""The engine: Milvus on this machine, filled and asked by the code that a server asks it with."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from benchmarks import processes
from benchmarks.growth import vectors
from benchmarks.growth.kinds import Kind, Needs, Place, Searcher
from benchmarks.growth.vectors import LIMIT
from benchmarks.machine import why_absent
from model.facets import Facets
from model.ranking.collection import Address, Collection
from model.ranking.engine import Engine
from model.ranking.filling import await_graph, create
from model.ranking.interface import Item

_NAME: Final = "growth"
_ENCODER: Final = "0" * 64
_CONTENT: Final = "synthetic"


class Milvus(Kind):
    """A server of its own, which is started for each size and thrown away afterwards."""

    name = "engine"
    told = "Milvus, HNSW"
    processes = 2

    def missing(self) -> str:
        """Look for the client and the server."""
        if missing := why_absent("pymilvus"):
            return missing
        from benchmarks.milvus.server import why_missing  # noqa: PLC0415 - imports the client

        return why_missing()

    def needs(self, count: int, dimensions: int) -> Needs:
        """What was seen of smaller ones: its log, its storage, the graph, and what is at work."""
        whole = count * dimensions * 4
        return Needs(memory=2 * whole + 1.5e9, disk=4 * whole + 1e9)

    @contextmanager
    def serving(self, place: Place) -> Iterator[tuple[Place, Callable[[], list[int]]]]:
        """Run Milvus in a network of its own."""
        from benchmarks.milvus.server import Milvus as Server  # noqa: PLC0415 - imports the client

        server = Server(place.made)
        server.start()
        try:
            # The first two give the server its network, and are ours.
            found = place._replace(address=server.collection(_NAME))
            yield found, lambda: processes.family(server.pid)[2:]
        finally:
            server.kill()

    def answering(self, own: list[int], servers: list[int]) -> list[int]:  # noqa: ARG002
        """Only the server counts."""
        return servers

    def build(self, place: Place) -> None:
        """Write everything, as a `move` does, and wait for the graph."""
        embeddings = vectors.read(place.data).embeddings
        create(Address.parse(place.address, ""), _ENCODER, embeddings.shape[1])
        collection, engine = _opened(place, whole=False)
        engine.write(Item(f"{row:012x}", each) for row, each in enumerate(embeddings))
        await_graph(collection)
        engine.settle()
        collection.mark()
        collection.close()

    def open(self, place: Place) -> Searcher:
        """Connect."""
        _, engine = _opened(place, whole=True)
        return Searcher(lambda query: engine.search(query, limit=LIMIT).rows)


@dataclass(frozen=True)
class _Numbered:
    """A catalogue whose ids are the rows: a gallery looks them up in SQLite."""

    count: int

    @property
    def facets(self) -> Facets:
        """Nothing to choose by."""
        return Facets(self.count)

    def identifiers(self) -> list[str]:
        """Return all ids."""
        return self.ids(range(self.count))

    def ids(self, rows: Sequence[int]) -> list[str]:
        """Write rows as ids."""
        return [f"{row:012x}" for row in rows]

    def rows(self, identifiers: Sequence[str]) -> dict[str, int]:
        """Read ids."""
        return {each: int(each, 16) for each in identifiers}


def _opened(place: Place, *, whole: bool) -> tuple[Collection, Engine]:
    count, dimensions = vectors.read(place.data).embeddings.shape
    address = Address.parse(place.address, "")
    collection = Collection(address, _ENCODER, _CONTENT, whole=whole)
    return collection, Engine(collection, _Numbered(count), (count, dimensions))
