"""Pictures to embeddings and codes, and codes back to pictures, on LiteRT: no TensorFlow here.

Scaling, projection and normalising live inside the exported graphs; nothing here knows of them.
"""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

T = TypeVar("T")


class Encoded(NamedTuple):
    """embedding: float32 (B, D), unit length. code: float32 (B, 4, 4, 512).

    cells: float32 (B, 16, D), what each cell of the code, row by row, brings to the embedding; they
    add up to it. None of an encoder whose pooling is not linear, and of one exported before.
    """

    embedding: NDArray[np.float32]
    code: NDArray[np.float32]
    cells: NDArray[np.float32] | None = None


class Busy(Exception):
    """No encoder or decoder became free in the time given."""


class Encoder:
    """The encoder's graph, from a file or its content.

    Not safe across threads: give each its own, or use EncoderPool.
    """

    def __init__(self, source: Path | bytes, *, threads: int = 1) -> None:
        self._run = _signature(source, "encode", threads)

    @property
    def tells_cells(self) -> bool:
        """Whether `Encoded.cells` will be there."""
        return "cells" in self._run.get_output_details()

    def encode(self, pixels: NDArray[np.uint8]) -> Encoded:
        """Encode uint8 (B, 256, 256, 3) RGB pictures."""
        answer = self._run(image=pixels)
        return Encoded(answer["embedding"], answer["code"], answer.get("cells"))


class Decoder:
    """The decoder's graph. Not safe across threads."""

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._run = _signature(path, "decode", threads)

    def decode(self, code: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Turn codes, float32 (B, 4, 4, 512), back into uint8 (B, 256, 256, 3) RGB pictures."""
        pictures: NDArray[np.uint8] = self._run(code=code)["image"]
        return pictures


class Pool(Generic[T]):
    """A fixed number of graphs, made when first needed, each lent to one thread at a time."""

    def __init__(self, make: Callable[[], T], size: int) -> None:
        self._make = make
        self._free: queue.LifoQueue[T | None] = queue.LifoQueue()
        for _ in range(size):
            self._free.put(None)

    @contextmanager
    def borrow(self, timeout: float) -> Iterator[T]:
        """Lend one; wait up to `timeout` seconds for it, then raise Busy."""
        try:
            held = self._free.get(timeout=timeout)
        except queue.Empty:
            raise Busy(f"No graph became free within {timeout:g} seconds.") from None
        try:
            held = held or self._make()
            yield held
        finally:
            self._free.put(held)


class EncoderPool(Pool[Encoder]):
    """Encoders for several threads."""

    def __init__(self, source: Path | bytes, size: int) -> None:
        super().__init__(partial(Encoder, source), size)


class DecoderPool(Pool[Decoder]):
    """Decoders for several threads."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(partial(Decoder, path), size)


def _signature(source: Path | bytes, name: str, threads: int) -> Any:
    """Return the graph's one signature as a function.

    Raises ValueError when the source is no LiteRT model or has no such signature.
    """
    given = {"model_content" if isinstance(source, bytes) else "model_path": source}
    return Interpreter(**given, num_threads=threads).get_signature_runner(name)
