"""A PNG without its texts, for one whose texts alone keep it from being decoded."""

import struct
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# https://www.w3.org/TR/png-3/#11textinfo: texts, and metadata that is kept as a text.
_TEXTS: Final = frozenset((b"tEXt", b"zTXt", b"iTXt"))
_FRAME: Final = 12  # bytes of a chunk beside its content: length, name and checksum


def without_texts(content: bytes) -> bytes | None:
    """Return a PNG without its texts, or None for one that has none, and for other formats."""
    if not content.startswith(_SIGNATURE):
        return None
    kept, start, dropped = [_SIGNATURE], len(_SIGNATURE), False
    while start + _FRAME <= len(content):
        length, name = struct.unpack_from(">I4s", content, start)
        end = start + _FRAME + length
        if name in _TEXTS:
            dropped = True
        else:
            kept.append(content[start:end])
        start = end
    return b"".join(kept) if dropped else None
