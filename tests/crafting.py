"""Files of pictures put together byte by byte: what no library would write."""

import struct
import zlib
from typing import Final

from tests import drawing

SIDES: Final = (136, 88)  # which no header holds for any other reason


def png(
    width: int, height: int, colours: int, rows: bytes, *, bits: int = 8, more: bytes = b""
) -> bytes:
    """Return a PNG of deflated rows. colours: as its header tells them. more: other chunks."""
    header = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    chunks = chunk(b"IHDR", header), more, chunk(b"IDAT", rows), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a part of a PNG."""
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def png_with(kind: bytes, content: bytes) -> bytes:
    """Return a black PNG that carries something."""
    rows = zlib.compress(bytes(SIDES[1] * (1 + 3 * SIDES[0])))
    return png(*SIDES, 2, rows, more=chunk(kind, content))


def mended(content: bytes) -> bytes:
    """Give the header of a PNG its checksum, or nobody would believe it."""
    return content[:29] + struct.pack(">I", zlib.crc32(content[12:29])) + content[33:]


def zeros(count: int) -> bytes:
    """Return so many zeros, deflated, without making them at once."""
    packer = zlib.compressobj(1)
    sizes = (min(count - start, 2**24) for start in range(0, count, 2**24))
    return b"".join([packer.compress(bytes(size)) for size in sizes]) + packer.flush()


def webp(side: int) -> bytes:
    """Return a moving WebP of small frames on a large canvas, which is allowed."""
    first, *others = (drawing.draw(kind, size=SIDES) for kind in ("arch", "beam"))
    made = drawing.encoded(first, "WEBP", save_all=True, append_images=others)
    told = (side - 1).to_bytes(3, "little")
    return made[:24] + told * 2 + made[30:]


def gif(side: int, frames: int) -> bytes:
    """Return a GIF of one black pixel in each frame."""
    pixel = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    head = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
    return head + pixel * frames + b"\x3b"


def pages(count: int, *, ring: bool = False) -> bytes:
    """Return a TIFF of one grey pixel a page."""
    tags = _tags(1, compression=1, length=1)
    size = len(tags) + 4
    made = b"II*\0" + struct.pack("<I", 10) + b"\x80\0"
    for page in range(count):
        last = page + 1 == count
        made += tags + struct.pack("<I", 10 if ring else 0 if last else 10 + (page + 1) * size)
    return made


def tiff(side: int) -> bytes:
    """Return a black TIFF, deflated."""
    rows = zeros(side * side)
    tags = _tags(side, compression=8, length=len(rows))
    return b"II*\0" + struct.pack("<I", 8 + len(rows)) + rows + tags + bytes(4)


def _tags(side: int, *, compression: int, length: int) -> bytes:
    """Return the directory of a grey TIFF whose one strip follows its header."""
    tags = {
        256: side, 257: side, 258: 8, 259: compression, 262: 1, 273: 8, 277: 1, 278: side,
        279: length,
    }  # fmt: skip
    told = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return struct.pack("<H", len(tags)) + told


def bmp(side: int) -> bytes:
    """Return a BMP whose every row is runs of 255 equal pixels, two bytes each."""
    row = b"\xff\x01" * (side // 255) + bytes([side % 255, 1]) + b"\0\0"
    rows = row * side + b"\0\1"
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(rows), 0, 0, 2, 0)
    offset = 14 + len(head) + 8
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + head + bytes(8) + rows


def exif(tag: int, kind: int, count: int) -> bytes:
    """Return EXIF of one tag, whose value is the place of its own directory, which comes again."""
    told = struct.pack("<HHII", tag, kind, count, 8)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + told + struct.pack("<I", 8)


def jpeg_with(*segments: bytes, kind: int = 0xE1) -> bytes:
    """Return a JPEG that carries something."""
    plain = drawing.encoded(drawing.draw("arch", size=SIDES))
    lengths = [struct.pack(">H", len(each) + 2) for each in segments]
    told = [bytes([0xFF, kind]) + size + each for size, each in zip(lengths, segments, strict=True)]
    return plain[:2] + b"".join(told) + plain[2:]
