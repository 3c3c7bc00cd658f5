"""Pictures too large to be decoded at once: scans of maps and plans, panoramas.

libvips reads them strip by strip and keeps a small copy, which then goes the way of every other
picture (`model/images.py`). Only indexing does this: a visitor's picture has its limit.
https://www.libvips.org/API/current/how-it-opens-files.html
"""

import ctypes
import io
import os
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from PIL import Image

from model.image_errors import DamagedImage, TooManyPixels
from model.images import Picture, load, open_header
from model.metadata.raw import raw_of
from model.upright import is_legible, is_turned, upright_size

# Files of more bytes than this are not read into memory, whatever their number of pixels.
AT_ONCE_BYTES: Final = 256_000_000
MOST_PIXELS: Final = 5_000_000_000

_SHORTER, _LONGER = 1024, 16_384  # sides of the small copy: twice what is kept of any picture
_STREAMED: Final = {"JPEG", "PNG", "TIFF", "WEBP"}


def scan(file: io.FileIO) -> Picture:
    """Return a picture as `images.load` does, of an open file of up to five thousand megapixels.

    What would need all of it in memory at once is refused. What a PNG tells behind its pixels is
    not read. Raises ImageError.
    """
    file.seek(0)
    with open_header(file, MOST_PIXELS) as image:
        _check(image)
        if image.format == "PNG":  # it would be decoded to see whether EXIF follows
            image.info.setdefault("exif", b"")
        raw = raw_of(image, legible=is_legible(image))
        form, (width, height), turned = image.format or "", upright_size(image), is_turned(image)
    picture = load(_small(file, width, height, form))
    _give_back()
    return replace(picture, width=width, height=height, format=form, turned=turned, raw=raw)


def _check(image: Image.Image) -> None:
    pixels = image.width * image.height
    if image.format not in _STREAMED:
        raise TooManyPixels(
            "The %(format)s picture has %(megapixels)s megapixels: so many can only be read from "
            "JPEG, PNG, TIFF and WebP.",
            format=image.format or "",
            megapixels=round(pixels / 1e6),
        )
    if image.info.get("progressive") or image.info.get("interlace"):
        raise TooManyPixels(
            "The picture has %(megapixels)s megapixels and is progressive or interlaced, so that "
            "all of it would be needed at once. Save it without that.",
            megapixels=round(pixels / 1e6),
        )


def _small(file: io.FileIO, width: int, height: int, form: str) -> bytes:
    """Return a PNG of a smaller copy, upright."""
    pyvips = _vips()
    share = min(1.0, _SHORTER / min(width, height), _LONGER / max(width, height))
    side = max(1, round(max(width, height) * share))
    file.seek(0)
    try:
        source = pyvips.Source.new_from_descriptor(file.fileno())
        # As an argument, 8.18.7 does not hand `fail_on` to the loader of a source.
        options = "[fail_on=truncated]"
        small = pyvips.Image.thumbnail_source(
            source, side, height=side, size="down", option_string=options
        )
        return bytes(small.write_to_buffer(".png", compression=1, keep="none"))
    except pyvips.Error as error:
        raise DamagedImage(
            "The %(format)s picture is damaged or incomplete and cannot be decoded.", format=form
        ) from error


def _give_back() -> None:
    """Let glibc return what is free: every scan would leave 40 MB of it behind."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _vips() -> Any:
    """Import libvips, with one thread: each process that indexes has a core of its own."""
    os.environ.setdefault("VIPS_CONCURRENCY", "1")
    import pyvips  # noqa: PLC0415 - it takes 60 ms, and hardly any collection needs it

    pyvips.cache_set_max(0)
    return pyvips
