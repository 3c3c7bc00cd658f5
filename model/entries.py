"""One file becomes one entry of an index.

The file is loaded by the one loader and encoded, and its record and thumbnails are made: in a
process of this machine (`model/pool.py`), or of another one (`model/cluster`).
"""

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.copies import signature
from model.descriptions import describe
from model.encoder import Encoder
from model.folders import File, written
from model.gallery import BOXES, Record
from model.hamming import Words
from model.images import ImageError, Picture, TooManyPixels, load, webp
from model.mapping.minis import Mini, mini_of
from model.metadata.embedded import embedded
from model.metadata.told import Told
from model.origins import Origin
from model.reading import Content, Gone, Unread
from model.scans import AT_ONCE_BYTES, scan
from model.second_look import Cells, packed

P = ParamSpec("P")
T = TypeVar("T")

_HEAD: Final = 16  # bytes that tell a simple WebP


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
    """A file to encode, as it was listed."""

    origin: Origin
    file: File
    told: dict[str, Any]
    link: bool

    @property
    def name(self) -> str:
        """The path, as records and messages tell it."""
        return written(self.file.path)


class Failure(NamedTuple):
    """Why a file has no entry. lasting: as long as the file is what it is."""

    sentence: str
    lasting: bool
    modified_ns: int


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


class Seen(NamedTuple):
    """What is needed of a file. head: its first bytes."""

    picture: Picture
    head: bytes
    sha256: str
    bytes: int


def encode(job: Job, encoder: Encoder, *, as_listed: bool = False) -> Answer:
    """Decode, encode and describe one file; None when it is gone.

    as_listed: None, too, when it is not the very file that was listed.
    """
    try:
        return answer_of(job, job.origin.taken(job.file, see, as_listed=as_listed), encoder)
    except Gone:
        return None
    except Unread as error:
        return Failure(str(error), lasting=False, modified_ns=0)


def answer_of(job: Job, found: Content[Seen | ImageError], encoder: Encoder) -> Entry | Failure:
    """Encode and describe what `see` made of a file."""
    seen, modified_ns = found
    if isinstance(seen, ImageError):
        return Failure(str(seen), lasting=True, modified_ns=modified_ns)
    return _entry(job, seen, modified_ns, encoder)


def see(file: io.FileIO) -> Seen | ImageError:
    """Decode an open file, and read it to its end."""
    head, size = file.read(_HEAD), os.fstat(file.fileno()).st_size
    try:
        picture, sha256 = _whole(file) if size <= AT_ONCE_BYTES else _scanned(file)
    except ImageError as error:
        file.seek(0, io.SEEK_END)
        return error
    return Seen(picture, head, sha256, file.tell())


def _whole(file: io.FileIO) -> tuple[Picture, str]:
    file.seek(0)
    content = file.read()
    try:
        return load(content), hashlib.sha256(content).hexdigest()
    except TooManyPixels:
        del content  # a scan takes little memory beside
        return _scanned(file)


def _scanned(file: io.FileIO) -> tuple[Picture, str]:
    picture = scan(file)
    file.seek(0)
    return picture, hashlib.file_digest(file, "sha256").hexdigest()


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
        id=seen.sha256[:12],
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
