"""Pictures decoded apart (`model/apart.py`): what hangs, dies or eats the memory is one picture.

A server sees the pictures of its visitors so, and indexing the files of a folder.
"""

import hashlib
import io
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, ParamSpec, TypeVar

from model import apart
from model.apart import Limits
from model.image_errors import (
    DamagedImage,
    DeadlyImage,
    ImageError,
    TooManyPixels,
    TooMuchMemory,
    TooSlow,
    UnsupportedFormat,
)
from model.images import MAX_PIXELS, Picture, lightened, load, open_header
from model.metadata.embedded import embedded
from model.scans import AT_ONCE_BYTES, scan
from model.view import View

P = ParamSpec("P")
T = TypeVar("T")

# What the functions here raise; all else is a mistake of ours.
EXPECTED: Final = (ImageError, OSError)

# Bytes of the process itself, and of each pixel in decoders that hold a picture twice.
_PROGRAM: Final = 60_000_000
_PER_PIXEL: Final = 8
_HEAD: Final = 16  # bytes that tell a simple WebP


class Seen(NamedTuple):
    """What is needed of a file. head: its first bytes."""

    picture: Picture
    head: bytes
    sha256: str
    bytes: int


def within(limits: Limits, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Do something to a picture apart. Raises what it raises, ImageError and apart.NoProcess."""
    try:
        return apart.call(limits, function, *args, **kwargs)
    except apart.TookTooLong:
        raise TooSlow(
            "The picture takes more than %(most)s seconds to decode. Make it smaller, or save it "
            "anew, and send it again.",
            most=round(limits.seconds),
        ) from None
    except MemoryError:
        raise TooMuchMemory(
            "The picture takes more than %(most)s MB of memory to decode. Make it smaller and send "
            "it again.",
            most=round(limits.memory / 1e6),
        ) from None
    except apart.Died:
        raise DeadlyImage(
            "The picture cannot be decoded: something in it brings its decoder down. Save it anew "
            "and send that."
        ) from None


def light(content: bytes, max_pixels: int, view: View, side: int) -> Picture:
    """Return a picture as a search needs it. side: see `lightened`."""
    with _short_of_memory(content):
        return lightened(load(content, max_pixels=max_pixels, view=view), side)


@contextmanager
def _short_of_memory(content: bytes) -> Iterator[None]:
    """Raise MemoryError for a picture that was called damaged, and was too large for the memory.

    Decoders do not tell the two apart.
    """
    try:
        yield
    except (DamagedImage, UnsupportedFormat):
        limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
        if limit != resource.RLIM_INFINITY and _needed(content) > limit:
            raise MemoryError from None
        raise


def _needed(content: bytes) -> int:
    """Return how many bytes decoding a picture takes about, beside what is there already.

    Reading the header takes little, but the decoder of WebP first reserves all that it will need.
    """
    limit = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit[1], limit[1]))
    try:
        with open_header(io.BytesIO(content), MAX_PIXELS) as image:
            strips = image.format == "JPEG" and not image.info.get("progressive")
            return _PROGRAM + (0 if strips else image.width * image.height * _PER_PIXEL)
    except ImageError:
        return 0
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, limit)


def seen_apart(limits: Limits, file: io.FileIO) -> Seen | ImageError:
    """Return what is in an open file, which is read to its end. Raises as `within` does."""
    return within(limits, see, file)


def checked(content: bytes, max_pixels: int) -> tuple[str, str]:
    """Return the format of a picture that can be decoded, and the title it tells of itself."""
    with _short_of_memory(content):
        picture = load(content, max_pixels=max_pixels)
    return picture.format, embedded(picture.raw).told.title


def see(file: io.FileIO) -> Seen | ImageError:
    """Decode an open file, and read it to its end."""
    file.seek(0)
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
