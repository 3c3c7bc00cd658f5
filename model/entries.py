"""One file becomes one entry of an index.

The file is loaded by the one loader, apart (`model/seeing.py`), and encoded, and its record and
thumbnails are made: in a process of this machine (`model/pool.py`), or of another one
(`model/cluster`).
"""

import io
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.apart import Limits
from model.copies import signature
from model.descriptions import describe
from model.encoder import Encoder
from model.folders import File, written
from model.gallery import BOXES, Record
from model.hamming import Words
from model.identifiers import candidates
from model.image_errors import DeadlyImage, ImageError, TooMuchMemory, TooSlow
from model.images import webp
from model.mapping.minis import Mini, mini_of
from model.metadata.embedded import embedded
from model.metadata.told import Told
from model.origins import Origin
from model.pouring import pour
from model.reading import Content, Gone, Unread
from model.second_look import Cells, packed
from model.seeing import Seen, seen_apart

P = ParamSpec("P")
T = TypeVar("T")

SECONDS: Final = 300.0  # that decoding a file may take: scans of gigapixels need their time
# Bytes. A picture of 100 megapixels takes a quarter of it.
_MEMORY: Final = 4_000_000_000


class Entry(NamedTuple):
    """One picture on its way into the index; its row is not known yet (-1)."""

    record: Record
    embedding: NDArray[np.float32]  # (D,)
    cells: Cells | None  # (16, d)
    signature: Words  # (10,), what tells copies
    small: bytes
    large: bytes
    mini: Mini
    note: str = ""  # a sentence about metadata that could not be understood


@dataclass(frozen=True)
class Job:
    """A file to encode, as it was listed. seconds: how long decoding it may take."""

    origin: Origin
    file: File
    told: dict[str, Any]
    link: bool
    seconds: float = SECONDS

    @property
    def name(self) -> str:
        """The path, as records and messages tell it."""
        return written(self.file.path)


class Failure(NamedTuple):
    """Why a file has no entry. lasting: as long as the file is what it is."""

    sentence: str
    lasting: bool
    modified_ns: int


Take = Callable[[io.FileIO], Seen | ImageError]
Answer = Entry | Failure | None  # what became of a file; None: it is gone


@dataclass(frozen=True)
class Work:
    """What there is to encode, and with what.

    jobs: each with a number of its file, count of them. sha256: of the encoder's file.
    """

    jobs: Iterator[tuple[int, Job]]
    count: int
    encoder: Path
    sha256: str


def encode(job: Job, encoder: Encoder, *, as_listed: bool = False) -> Answer:
    """Decode, encode and describe one file; None when it is gone.

    as_listed: None, too, when it is not the very file that was listed. Raises apart.NoProcess.
    """
    try:
        found = _decoded(job, partial(job.origin.taken, job.file, as_listed=as_listed))
        return _answer(job, found, encoder)
    except Gone:
        return None
    except Unread as error:
        return Failure(str(error), lasting=False, modified_ns=0)


def encode_sent(job: Job, sent: Content[bytes], encoder: Encoder) -> Entry | Failure:
    """Decode, encode and describe a file by its content. Raises apart.NoProcess."""

    def taken(take: Take) -> Content[Seen | ImageError]:
        with tempfile.TemporaryFile(buffering=0) as file:
            pour(sent.made, file)
            return Content(take(file), sent.modified_ns)

    return _answer(job, _decoded(job, taken), encoder)


def _decoded(
    job: Job, taken: Callable[[Take], Content[Seen | ImageError]]
) -> Content[Seen | ImageError] | Failure:
    """Let a file be seen apart. taken: what reads it, as `Origin.taken` does."""
    begun = time.time_ns()
    try:
        return taken(partial(seen_apart, Limits(job.seconds, _MEMORY)))
    except TooSlow as error:  # it would be each time
        modified_ns = job.origin.trusted(job.file.modified_ns, begun)
        return Failure(str(error), lasting=True, modified_ns=modified_ns)
    except (DeadlyImage, TooMuchMemory) as error:
        return Failure(str(error), lasting=False, modified_ns=0)


def _answer(
    job: Job, found: Content[Seen | ImageError] | Failure, encoder: Encoder
) -> Entry | Failure:
    """Encode and describe what was seen of a file."""
    if isinstance(found, Failure):
        return found
    made, modified_ns = found
    if isinstance(made, ImageError):
        return Failure(str(made), lasting=True, modified_ns=modified_ns)
    return _entry(job, made, modified_ns, encoder)


def _entry(job: Job, seen: Seen, modified_ns: int, encoder: Encoder) -> Entry:
    picture = seen.picture
    encoded = encoder.encode(picture.pixels[np.newaxis])
    cells = None if encoded.cells is None else packed(encoded.cells[0])
    itself = embedded(picture.raw)
    record = describe(_record(job, seen, modified_ns, itself.told), job.told)
    small, large = BOXES.values()
    linked = job.link and _shows_as_it_is(seen, large)
    shown = b"" if linked else webp(picture.reduced, large)
    told = signature(picture.pixels)
    thumbnail, mini = webp(picture.reduced, small), mini_of(picture.reduced)
    return Entry(record, encoded.embedding[0], cells, told, thumbnail, shown, mini, itself.note)


def _shows_as_it_is(seen: Seen, box: tuple[int, int]) -> bool:
    """Say whether a file is a small WebP of the simple kind, which has no room for metadata.

    https://developers.google.com/speed/webp/docs/riff_container: VP8X is the kind that has.
    """
    fits = seen.picture.width <= box[0] and seen.picture.height <= box[1]
    return fits and seen.head[8:] in {b"WEBPVP8 ", b"WEBPVP8L"}


def _record(job: Job, seen: Seen, modified_ns: int, itself: Told) -> Record:
    picture = seen.picture
    red, green, blue = picture.pixels.mean((0, 1)).round().astype(int)
    return Record(
        row=-1,
        id=candidates(seen.sha256)[0],
        path=job.name,
        sha256=seen.sha256,
        bytes=seen.bytes,
        modified_ns=modified_ns,
        width=picture.width,
        height=picture.height,
        format=picture.format,
        colour=f"#{red:02x}{green:02x}{blue:02x}",
        title="",
        embedded=itself,
    )
