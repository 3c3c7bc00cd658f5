"""Two pictures whose SHA-256 begin with the same twelve digits: as many as an id has.

They were looked for: each of two plain pictures was counted through, in a part of the file that no
program looks at, until 48 bits of the hashes were equal. All bytes are told here, so no library
may write them otherwise.
"""

import struct
import zlib
from typing import Final

from tests.crafting import chunk

_SIDE: Final = 32
_Colour = tuple[int, int, int]


def _picture(upper: _Colour, lower: _Colour, count: int) -> bytes:
    """Return a PNG of two colours, in a deflated block that is only stored."""
    rows = b"".join(b"\0" + bytes(colour) * _SIDE for colour in (upper, lower) for _ in range(16))
    stored = b"\x01" + struct.pack("<HH", len(rows), len(rows) ^ 0xFFFF) + rows
    deflated = b"\x78\x01" + stored + struct.pack(">I", zlib.adler32(rows))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0))
    counted = chunk(b"coUn", struct.pack(">I", count))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", deflated) + counted + chunk(b"IEND", b"")


ONE: Final = _picture((120, 160, 220), (60, 90, 40), 5_888_978)
OTHER: Final = _picture((230, 190, 120), (40, 50, 90), 810_213)
