"""Whether a match is the very picture that was searched with, or the same in another file."""

import hashlib
from collections.abc import Callable
from typing import Literal, NamedTuple

from model.bundle import Bundle
from model.copies import same_picture, signature
from model.gallery import Record
from model.hamming import Words
from model.images import Picture

# exact: the same file, byte for byte. near: the same picture in another size, format or quality, or
# in other bytes only. "": another picture, as far as can be told.
Copy = Literal["", "exact", "near"]


class Whole(NamedTuple):
    """What tells the copies of one whole picture: the hash of its file, and its signature, (10,).

    Of a picture of the gallery whose index has no signatures, the second is None.
    """

    sha256: str
    seen: Words | None


def sent_whole(content: bytes, picture: Picture) -> Whole:
    """Return what tells the copies of a picture from outside."""
    return Whole(hashlib.sha256(content).hexdigest(), signature(picture.pixels))


def stored_whole(bundle: Bundle, record: Record) -> Whole:
    """Return what tells the copies of a picture of the gallery."""
    kept = bundle.signatures
    return Whole(record.sha256, None if kept is None else kept[record.row])


def copy_of(bundle: Bundle, whole: Whole | None) -> Callable[[Record], Copy]:
    """Return what says whether a picture of the gallery is a copy; without `whole` none is."""
    kept = bundle.signatures

    def told(record: Record) -> Copy:
        if whole is None:
            return ""
        if record.sha256 == whole.sha256:
            return "exact"
        if kept is None or whole.seen is None:
            return ""
        return "near" if same_picture(whole.seen, kept[record.row]) else ""

    return told
