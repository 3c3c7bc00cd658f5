"""Fills a collection from a bundle: writes what differs, waits for the graph, reads all back."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self, TextIO

import numpy as np

from model.bundle import Bundle
from model.facets import day, words_of
from model.progress import Progress
from model.ranking.collection import (
    ENCODER,
    TOKEN,
    Address,
    Collection,
    EngineError,
    client_library,
    connect,
    content_of,
    why,
)
from model.ranking.engine import BATCH, LONGEST, Engine, batches, digest, item_of
from model.ranking.interface import Item

# Segments with fewer rows have no graph: reading all of them is quicker.
_SMALL: Final = 1024
# Seconds that a server may be at the graph of one part: one of 512 MB takes minutes.
_PATIENCE: Final = 3600.0
_LOOKED_AT: Final = 0.5  # seconds from one look at it to the next
_TOLD: Final = 60.0  # seconds from one line about it to the next
GRAPH: Final = {"M": 16, "efConstruction": 200}


@dataclass
class Changes:
    """How many pictures were written and deleted."""

    written: int = 0
    deleted: int = 0


def fill(address: Address, bundle: Bundle, stream: TextIO | None = None) -> str:
    """Make a collection equal to a bundle, and return a sentence about it.

    stream: where is shown how far it is; standard error, where it is None.
    Raises EngineError, and IndexUnavailable where the server goes away.
    """
    manifest = bundle.manifest
    encoder, content = manifest.files["encoder"].sha256, content_of(manifest)
    create(address, encoder, manifest.model.dimensions)
    collection = Collection(address, encoder, content, whole=False)
    engine = Engine(collection, bundle.gallery, bundle.embeddings.shape)
    engine.settle()  # what an interrupted move wrote is seen, too
    changes = _equalise(engine, bundle, stream)
    await_graph(collection, stream)
    told = _check(engine, collection, bundle, stream)
    collection.mark()
    collection.close()
    return (
        f"{address}: {bundle.gallery.count:,} pictures, {changes.written:,} written, "
        f"{changes.deleted:,} deleted; both sides have the hash {told[:12]}."
    )


def items_of(bundle: Bundle) -> Iterator[Item]:
    """Yield what an index keeps of every picture, in the order of the ids."""
    for record in bundle.gallery.by_id():
        embedding = np.asarray(bundle.embeddings[record.row])
        yield Item(record.id, embedding, words_of(record), record.group, day(record.date))


def create(address: Address, encoder: str, dimensions: int) -> None:
    """Make the collection, unless there is one of this name. Raises EngineError.

    encoder: the SHA-256 of the one whose embeddings it is to hold; dimensions: D.
    """
    milvus = client_library()
    try:
        client = connect(address)
        if not client.has_collection(address.name):
            fields, kinds = client.create_schema(auto_id=False), milvus.DataType
            fields.add_field("id", kinds.VARCHAR, is_primary=True, max_length=64)
            fields.add_field(
                "words",
                kinds.ARRAY,
                element_type=kinds.VARCHAR,
                max_length=LONGEST,
                max_capacity=4096,
            )
            fields.add_field("group_name", kinds.VARCHAR, max_length=LONGEST)
            fields.add_field("day", kinds.INT64)
            fields.add_field("digest", kinds.VARCHAR, max_length=64)
            fields.add_field("embedding", kinds.FLOAT_VECTOR, dim=dimensions)
            graph = client.prepare_index_params()
            graph.add_index("embedding", index_type="HNSW", metric_type="COSINE", params=GRAPH)
            client.create_collection(
                address.name,
                schema=fields,
                index_params=graph,
                consistency_level="Session",
                properties={ENCODER: encoder},
                timeout=60,
            )
        client.close()
    except milvus.MilvusException as error:
        raise EngineError(
            f"{address} cannot be made or reached ({why(error)}). Start its server, or correct the "
            f"address or {TOKEN}."
        ) from error


def _equalise(engine: Engine, bundle: Bundle, stream: TextIO | None) -> Changes:
    """Write and delete until the collection has what the bundle has."""
    progress, changes = Progress("moved", bundle.gallery.count, stream), Changes()
    for batch in batches(_merged(items_of(bundle), engine.listed("digest")), BATCH):
        new = [item for item, there in batch if item and there != digest(item)]
        gone = [there for item, there in batch if item is None]
        engine.write(new)
        engine.delete(gone)
        changes.written += len(new)
        changes.deleted += len(gone)
        progress.step(len(batch) - len(gone))
    progress.finish()
    return changes


def _merged(
    ours: Iterator[Item], theirs: Iterator[dict[str, Any]]
) -> Iterator[tuple[Item | None, str]]:
    """Yield each of our pictures with the digest that is stored of it, or ""; both sorted by id.

    What only the collection has comes as None and its id.
    """
    row = next(theirs, None)
    for item in ours:
        while row is not None and row["id"] < item.id:
            yield None, row["id"]
            row = next(theirs, None)
        if row is not None and row["id"] == item.id:
            yield item, row["digest"]
            row = next(theirs, None)
        else:
            yield item, ""
    while row is not None:
        yield None, row["id"]
        row = next(theirs, None)


def await_graph(collection: Collection, stream: TextIO | None = None) -> None:
    """Wait until the graph holds all that was written, and is used.

    Of millions that takes hours: Milvus makes the graph of each part, merges parts, and makes
    theirs anew. stream: as `fill` has it. Raises EngineError where nothing changes any more.
    """
    collection.ask("flush")
    progress, seen, since = Progress("graph", 0, stream), None, time.monotonic()
    told = since
    while not (graph := _Graph.of(collection)).whole:
        now = time.monotonic()
        if graph != seen:
            seen, since = graph, now
        if now - since > _PATIENCE:
            raise EngineError(
                f"{collection.address} does not come to an end of its graph: for an hour nothing "
                "changed. See the log of its server, and move again: it goes on there."
            )
        if now - told > _TOLD:
            told = now
            progress.note(graph.told())
        time.sleep(_LOOKED_AT)


class _Graph(NamedTuple):
    """How far the graph is. rows: all. pending: in parts that are merged, or that have none yet.

    searched: in parts that are served with their graph. Until that is all of them, Milvus searches
    a makeshift index, which passes over many pictures.
    """

    rows: int
    pending: int
    searched: int

    @classmethod
    def of(cls, collection: Collection) -> Self:
        """Ask for it. Raises IndexUnavailable."""
        state = collection.ask("describe_index", index_name="embedding")
        parts = collection.ask("list_loaded_segments") if state["total_rows"] >= _SMALL else ()
        ready = sum(part.num_rows for part in parts if part.index_name or part.num_rows < _SMALL)
        return cls(state["total_rows"], state["pending_index_rows"], ready)

    @property
    def whole(self) -> bool:
        """Whether nothing is to be done; so few rows as need no graph are none to wait for."""
        return self.rows < _SMALL or (self.pending == 0 and self.searched == self.rows)

    def told(self) -> str:
        """Say it in a line."""
        return (
            f"graph: Milvus is at work on {self.pending:,} of {self.rows:,} pictures; as it merges "
            "parts, that may rise again"
        )


def _check(engine: Engine, collection: Collection, bundle: Bundle, stream: TextIO | None) -> str:
    """Read all back, and return the hash that both sides have. Raises EngineError."""
    if (count := engine.settle()) != bundle.gallery.count:
        raise EngineError(
            f"{collection.address} has {count:,} pictures, the bundle {bundle.gallery.count:,}. Is "
            "somebody else writing to it? Move again."
        )
    progress = Progress("checked", bundle.gallery.count, stream)
    theirs = _hash(map(item_of, engine.listed("*")), progress)
    ours = _hash(items_of(bundle), None)
    if theirs != ours:
        raise EngineError(
            f"{collection.address} does not hold what was written to it: its hash is "
            f"{theirs[:12]}, that of the bundle {ours[:12]}. Drop it, and move again."
        )
    return ours


def _hash(items: Iterable[Item], progress: Progress | None) -> str:
    """Return the hash of pictures in the order of their ids."""
    found = hashlib.sha256()
    for item in items:
        found.update(f"{item.id} {digest(item)}\n".encode())
        if progress is not None:
            progress.step()
    if progress is not None:
        progress.finish()
    return found.hexdigest()
