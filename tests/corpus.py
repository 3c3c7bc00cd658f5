"""Pictures that are broken, lie, or are made to do harm: made here, the same on every run.

Each is small, and named after what is wrong with it. What must become of them stands in
`tests/app/test_corpus.py`; `make fuzz` begins with them (`tests/fuzz`).
"""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import pillow_heif
from PIL import Image

from tests import drawing
from tests.crafting import (
    SIDES,
    bmp,
    exif,
    gif,
    jpeg_with,
    mended,
    pages,
    png,
    png_with,
    tiff,
    webp,
    zeros,
)

pillow_heif.register_heif_opener()

FORMATS: Final[dict[str, dict[str, Any]]] = {
    "JPEG": {},
    "PNG": {},
    "WEBP": {},
    "AVIF": {"speed": 10},
    "GIF": {},
    "TIFF": {},
    "BMP": {},
    "HEIF": {},
}
VARIANTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "progressive": ("JPEG", {"progressive": True}),
    "lossless": ("WEBP", {"lossless": True}),
    "packed": ("TIFF", {"compression": "tiff_lzw"}),
    "deflated": ("TIFF", {"compression": "tiff_deflate"}),
}
_SHORT: Final = 40_000  # bytes
_SCRIPT: Final = b"<script>alert(1)</script>"
FLIPS: Final = 4  # copies of each picture with bits flipped
LIES: Final = ((0, 0), (65_535, 65_535), (1, 65_535), (20_000, 4_000))


def whole() -> dict[str, bytes]:
    """Return a good picture of every format, and of some variants of them."""
    image = drawing.draw("truss", size=SIDES)
    made = {name: drawing.encoded(image, name, **options) for name, options in FORMATS.items()}
    made |= {
        f"{kind} {name}": drawing.encoded(image, kind, **options)
        for name, (kind, options) in VARIANTS.items()
    }
    return made


def broken() -> Iterator[tuple[str, bytes]]:
    """Yield pictures cut off at every tenth, and with some of their bits flipped."""
    for name, content in whole().items():
        for tenth in range(1, 10):
            yield f"{name} cut at {tenth}/10", content[: len(content) * tenth // 10]
        for seed in range(FLIPS):
            yield f"{name} flipped {seed}", _flipped(content, random.Random(f"{name} {seed}"))


def _flipped(content: bytes, chance: random.Random) -> bytes:
    """Flip eight bits, half of them near the beginning, where the headers are."""
    made = bytearray(content)
    for number in range(8):
        made[chance.randrange(min(len(made), 200) if number % 2 else len(made))] ^= (
            1 << chance.randrange(8)
        )
    return bytes(made)


def lying() -> Iterator[tuple[str, bytes]]:
    """Yield pictures whose headers tell of another size than they have."""
    good = whole()
    for name, told in _TOLD.items():
        for sides in LIES:
            true, false = told(*SIDES), told(*sides)
            assert true in good[name], name
            made = good[name].replace(true, false)
            made = mended(made) if name == "PNG" else made
            yield f"{name} that says {sides[0]}x{sides[1]}", made


_TOLD: Final[dict[str, Callable[[int, int], bytes]]] = {
    "JPEG": lambda width, height: struct.pack(">HH", height, width),
    "PNG": lambda width, height: struct.pack(">II", width, height),
    "WEBP": lambda width, height: struct.pack("<HH", width & 0x3FFF, height & 0x3FFF),
    "AVIF": lambda width, height: struct.pack(">II", width, height),
    "GIF": lambda width, height: struct.pack("<HH", width, height),
    "TIFF": lambda width, _: struct.pack("<HHII", 256, 4, 1, width),
    "BMP": lambda width, height: struct.pack("<ii", width, height),
    "HEIF": lambda width, height: struct.pack(">II", width, height),
}


def bombs() -> Iterator[tuple[str, bytes]]:
    """Yield small files that would be huge: as pictures, or in what they carry."""
    many = zeros(2**26)
    yield "PNG of 65,535 x 65,535", png(65_535, 65_535, 2, zeros(1000))
    yield "PNG of 100 megapixels, 1 bit", png(10_000, 10_000, 0, zeros(10_000 * 1_251), bits=1)
    yield "PNG of 81 megapixels with alpha", png(9_000, 9_000, 6, zeros(9_000 * 36_001))
    yield "PNG with 64 MB of text", png_with(b"zTXt", b"Comment\0\0" + many)
    yield "PNG with 64 MB of colour profile", png_with(b"iCCP", b"icc\0\0" + many)
    yield "PNG with 64 MB of XMP", png_with(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + many)
    yield "WebP of 16,384 x 16,384", webp(16_384)
    yield "WebP of 99 megapixels", webp(9_950)
    large = Image.new("L", (4_000, 3_000))
    yield "AVIF of 12 megapixels", drawing.encoded(large, "AVIF", speed=10, quality=1)
    yield "GIF of 65,535 x 65,535", gif(65_535, 1)
    yield "GIF of 99 megapixels", gif(9_950, 1)
    yield "GIF of 20,000 frames", gif(1, 20_000)
    yield "TIFF of 5,000 pages", pages(5_000)
    yield "TIFF whose pages are a ring", pages(3, ring=True)
    yield "TIFF of 100 megapixels", tiff(10_000)
    yield "BMP of 100 megapixels in runs", bmp(10_000)
    yield "JPEG with EXIF of 4 thousand million letters", jpeg_with(exif(0x010E, 2, 2**32 - 1))
    yield "JPEG with EXIF that is a ring", jpeg_with(exif(0x8769, 4, 1))
    yield "JPEG with 15 MB of EXIF", jpeg_with(*(b"Exif\0\0" + bytes(65_000),) * 230)
    parts = (b"ICC_PROFILE\0" + bytes([part, 255]) + bytes(60_000) for part in range(1, 251))
    yield "JPEG with 15 MB of colour profile", jpeg_with(*parts, kind=0xE2)


def odd() -> Iterator[tuple[str, bytes]]:
    """Yield pictures that are good, in ways that few are."""
    image = drawing.draw("suspension", size=SIDES)
    ramp = np.linspace(0, 65_535, 90 * 60).reshape(60, 90)
    yield "16-bit PNG", drawing.encoded(Image.fromarray(ramp.astype(np.uint16)), "PNG")
    yield "16-bit TIFF", drawing.encoded(Image.fromarray(ramp.astype(np.uint16)), "TIFF")
    yield "float TIFF", drawing.encoded(Image.fromarray(ramp.astype(np.float32)), "TIFF")
    yield "16-bit RGB PNG", png(2, 1, 2, zlib.compress(b"\0" + bytes(range(12))), bits=16)
    yield "CMYK JPEG", drawing.encoded(image.convert("CMYK"))
    yield "CMYK TIFF", drawing.encoded(image.convert("CMYK"), "TIFF")
    yield "Lab TIFF", drawing.encoded(Image.merge("LAB", image.split()), "TIFF")
    yield (
        "palette with alpha",
        drawing.encoded(image.quantize(16), "PNG", transparency=bytes(range(0, 256, 16))),
    )
    yield "grey with alpha", drawing.encoded(image.convert("LA"), "PNG")
    yield "one bit", drawing.encoded(image.convert("1"), "PNG")
    yield "1x1", drawing.encoded(image.resize((1, 1)), "PNG")
    yield "1x20000", drawing.encoded(image.resize((1, 20_000)), "PNG")
    yield "20000x1 JPEG", drawing.encoded(image.resize((20_000, 1)))
    moving = {"save_all": True, "append_images": [drawing.draw("beam", size=SIDES)]}
    for kind in ("GIF", "WEBP", "PNG", "AVIF", "TIFF"):
        yield f"moving {kind}", drawing.encoded(image, kind, **moving)


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Yield good pictures that are something else, too; each holds the same script."""
    plain, pixel = drawing.encoded(drawing.draw("truss", size=SIDES)), gif(1, 1)
    yield "JPEG that is a ZIP", plain + _zip()
    yield "JPEG that is a page", jpeg_with(_SCRIPT, kind=0xFE)
    # To a careless browser its width begins a comment.
    yield "GIF that is a page", pixel[:6] + b"/*\x01\0" + pixel[10:] + b"*/<html>" + _SCRIPT


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("index.html", _SCRIPT)
    return file.getvalue()


def short() -> dict[str, bytes]:
    """Return what a fuzzer can begin with: all that is small and needs no time."""
    found = {
        **whole(), **dict(broken()), **dict(lying()), **dict(odd()), **dict(polyglots()),
    }  # fmt: skip
    return {name: content for name, content in found.items() if len(content) < _SHORT}


def everything() -> dict[str, bytes]:
    """Return all of it by its names."""
    return {
        **whole(), **dict(broken()), **dict(lying()), **dict(bombs()), **dict(odd()),
        **dict(polyglots()),
    }  # fmt: skip
