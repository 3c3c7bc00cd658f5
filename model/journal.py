"""What an unfinished index has encoded already, kept so that a run that is killed loses nothing.

The journal is one file that only grows: a length, a checksum and an entry, again and again. What a
kill or a power cut left half written at its end fails its checksum and is cut off. Entries are
known by the content they were made of, so they serve whatever the file is called by then.
"""

import os
import struct
import zlib
from pathlib import Path
from typing import Final, Self

import msgspec
import numpy as np

from model.entries import Entry
from model.gallery import Record
from model.images import LOADER_VERSION
from model.mapping.minis import SWATCH, Mini
from model.pouring import pour

_HEAD: Final = struct.Struct("<II")  # length of the entry, and its CRC-32
_NAME: Final = "encoded-"
_FORMAT: Final = 1  # raised with every change of `_Written` or of what thumbnails are like


class _Written(msgspec.Struct, array_like=True):
    """An entry as bytes: arrays are those of `Entry`."""

    record: Record
    embedding: bytes
    cells: bytes
    cell_shape: tuple[int, ...]
    signature: bytes
    small: bytes
    large: bytes
    mini: bytes
    swatch: bytes

    @classmethod
    def of(cls, entry: Entry) -> Self:
        cells = np.empty(0, np.int8) if entry.cells is None else entry.cells
        return cls(
            entry.record,
            entry.embedding.tobytes(),
            cells.tobytes(),
            cells.shape,
            entry.signature.tobytes(),
            entry.small,
            entry.large,
            entry.mini.picture,
            entry.mini.swatch.tobytes(),
        )

    def entry(self) -> Entry:
        cells = np.frombuffer(self.cells, np.int8).reshape(self.cell_shape)
        swatch = np.frombuffer(self.swatch, np.uint8).reshape(*SWATCH[::-1], 3)
        return Entry(
            self.record,
            np.frombuffer(self.embedding, np.float32),
            cells if cells.size else None,
            np.frombuffer(self.signature, np.uint64),
            self.small,
            self.large,
            Mini(self.mini, swatch),
        )


class Journal:
    """The entries of one encoder; a file of another encoder, or linked otherwise, is dropped.

    sizes: of the files, in bytes, whose entries it holds. taken_up: how many of those an earlier
    run left.
    """

    def __init__(self, work: Path, encoder_sha256: str, *, link: bool) -> None:
        kind = "linked" if link else "copied"
        path = work / f"{_NAME}{_FORMAT}-{LOADER_VERSION}-{encoder_sha256[:12]}-{kind}"
        for other in work.glob(f"{_NAME}*"):
            if other != path:
                other.unlink()
        self._path = path
        self._places: dict[str, tuple[int, int]] = {}  # offset and length, by SHA-256
        self.sizes: set[int] = set()
        self._file = path.open("a+b", buffering=0)
        self._begun = self._read()
        self._file.truncate(self._begun)
        self.taken_up = len(self._places)

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._places

    def add(self, entry: Entry) -> None:
        """Append an entry. Raises OSError when the disk is full: then the journal is at its end."""
        payload = msgspec.msgpack.encode(_Written.of(entry))
        end = self._file.seek(0, os.SEEK_END)
        pour(_HEAD.pack(len(payload), zlib.crc32(payload)) + payload, self._file)
        self._note(entry.record, end + _HEAD.size, len(payload))

    def length(self, sha256: str) -> int:
        """Return how many bytes the entry of some content has. Raises KeyError."""
        return self._places[sha256][1]

    def left(self, sha256: str) -> bool:
        """Whether an earlier run left the entry: since then, other things may be told about it."""
        return self._places[sha256][0] < self._begun

    def entry(self, sha256: str) -> Entry:
        """Return the entry of some content. Raises KeyError."""
        offset, length = self._places[sha256]
        return self._decoded(os.pread(self._file.fileno(), length, offset)).entry()

    def close(self) -> None:
        """Let go of the file, which stays for the next run."""
        self._file.close()

    def drop(self) -> None:
        """Delete what the bundle now holds itself."""
        self.close()
        self._path.unlink()

    def _read(self) -> int:
        """Take in what is whole, and return where it ends."""
        end = 0
        while payload := self._payload(end):
            try:
                found = self._decoded(payload)
            except msgspec.DecodeError:
                break
            self._note(found.record, end + _HEAD.size, len(payload))
            end += _HEAD.size + len(payload)
        return end

    def _payload(self, offset: int) -> bytes:
        """Return what an entry at this offset is written as; nothing where none is whole."""
        self._file.seek(offset)
        head = self._file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return b""
        length, checksum = _HEAD.unpack(head)
        if length > os.fstat(self._file.fileno()).st_size - offset:
            return b""
        payload = self._file.read(length)
        return payload if zlib.crc32(payload) == checksum else b""

    def _note(self, record: Record, offset: int, length: int) -> None:
        self._places[record.sha256] = offset, length
        self.sizes.add(record.bytes)

    @staticmethod
    def _decoded(payload: bytes) -> _Written:
        return msgspec.msgpack.decode(payload, type=_Written)
