"""One file of a folder becomes one entry of an index, in a worker process of its own.

The worker loads the file by the one loader, encodes it, and makes its record and thumbnails.
"""

import hashlib
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.copies import signature
from model.descriptions import describe
from model.encoder import Encoder
from model.folders import written
from model.gallery import BOXES, Record
from model.hamming import Words
from model.images import ImageError, Picture, load, webp
from model.mapping.minis import Mini, mini_of
from model.second_look import Cells, packed


class Entry(NamedTuple):
    """One picture on its way into the index; its row is not known yet (-1)."""

    record: Record
    embedding: NDArray[np.float32]  # (D,)
    cells: Cells | None  # (16, d)
    signature: Words  # (10,), what tells copies
    small: bytes
    large: bytes
    mini: Mini


@dataclass(frozen=True)
class Job:
    """A file to encode. `root` and `path` together say where it lies."""

    root: Path
    path: str
    told: dict[str, Any]
    link: bool

    @property
    def name(self) -> str:
        """The path as records and messages tell it."""
        return written(self.path)


def workers(encoder: Path, jobs: int | None) -> ProcessPoolExecutor:
    """Return a pool of processes that hold an encoder each; none starts before it has work."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs or os.cpu_count(), context, _start_worker, (encoder,))


_worker: dict[str, Encoder] = {}  # each worker process holds its own encoder


def _start_worker(encoder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _worker["encoder"] = Encoder(encoder)


def encode_file(job: Job) -> Entry | str:
    """Decode, encode and describe one file, in a worker process."""
    path = job.root / job.path
    try:
        status = path.stat()
        content = path.read_bytes()
        picture = load(content)
    except ImageError as error:
        return str(error)
    except OSError as error:
        return f"It cannot be read: {error.strerror}."
    encoded = _worker["encoder"].encode(picture.pixels[np.newaxis])
    cells = None if encoded.cells is None else packed(encoded.cells[0])
    record = describe(_record(job, content, status.st_mtime_ns, picture), job.told)
    small, large = BOXES.values()
    linked = job.link and job.name == job.path and _shows_as_it_is(content, picture, large)
    shown = b"" if linked else webp(picture.reduced, large)
    told = signature(picture.pixels)
    thumbnail, mini = webp(picture.reduced, small), mini_of(picture.reduced)
    return Entry(record, encoded.embedding[0], cells, told, thumbnail, shown, mini)


def _shows_as_it_is(content: bytes, picture: Picture, box: tuple[int, int]) -> bool:
    """Say whether a file is a small WebP of the simple kind, which has no room for metadata.

    https://developers.google.com/speed/webp/docs/riff_container: VP8X is the kind that has.
    """
    fits = picture.width <= box[0] and picture.height <= box[1]
    return fits and content[8:16] in {b"WEBPVP8 ", b"WEBPVP8L"}


def _record(job: Job, content: bytes, modified_ns: int, picture: Picture) -> Record:
    digest = hashlib.sha256(content).hexdigest()
    red, green, blue = picture.pixels.mean((0, 1)).round().astype(int)
    return Record(
        row=-1,
        id=digest[:12],
        path=job.name,
        sha256=digest,
        bytes=len(content),
        modified_ns=modified_ns,
        width=picture.width,
        height=picture.height,
        format=picture.format,
        colour=f"#{red:02x}{green:02x}{blue:02x}",
        title="",
        date=picture.date,
    )
