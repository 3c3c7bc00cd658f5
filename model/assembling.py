"""Writes the files of the next index: most of it taken over from the earlier one, in bulk."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from model import bundle as bundles
from model.bundle import Bundle
from model.changes import Changes
from model.command import CommandError
from model.copies import WORDS
from model.descriptions import describe
from model.duplicates import find_groups
from model.entries import Entry
from model.gallery import Record
from model.gallery_writing import Earlier, GalleryWriter
from model.journal import Journal
from model.known import Known
from model.mapping.atlas import MapInfo, MiniWriter, save
from model.mapping.making import placed
from model.mapping.minis import mini_from
from model.planning import Plan, remade
from model.sketch import Sketch

_BLOCK: Final = 1024  # rows that are in memory at a time


class IndexingError(CommandError):
    """Indexing had to stop; its text says why, and that the old index is still there."""


@dataclass(frozen=True)
class Made:
    """The files of an index by their roles, some of which are those of the earlier one."""

    files: dict[str, Path]
    map: MapInfo | None


@dataclass(frozen=True)
class Sources:
    """What an index is made of."""

    plan: Plan
    changes: Changes
    known: Known
    journal: Journal

    @cached_property
    def _changed(self) -> NDArray[np.bool_]:
        return remade(self.plan, self.changes)

    def entry(self, place: int) -> Entry:
        """Return what is new in a row, from the journal."""
        number = int(self.plan.files[place])
        sha256 = self.changes.contents[number]
        entry = self.journal.entry(sha256)
        record = msgspec.structs.replace(entry.record, id=self.plan.ids[place])
        if record.path != self.changes.names[number] or self.journal.left(sha256):
            record = self.described(record, number)
        return entry._replace(record=record)

    def described(self, record: Record, number: int) -> Record:
        """Return a record as it is of the file with this number."""
        name, modified_ns = self.changes.names[number], int(self.changes.times[number])
        ours = msgspec.structs.replace(record, path=name, modified_ns=modified_ns)
        return describe(ours, self.changes.told(number))

    def remade(self, start: int, end: int) -> dict[int, Record]:
        """Return the records of some rows that are taken over, but say something else now.

        They are by their row in the earlier index.
        """
        changed = start + np.flatnonzero(self._changed[start:end])
        rows, numbers = self.plan.rows[changed].tolist(), self.plan.files[changed].tolist()
        return {
            row: self.described(self.bundle.gallery.record(row), number)
            for row, number in zip(rows, numbers, strict=True)
        }

    @property
    def bundle(self) -> Bundle:
        """The earlier index, where something is taken over from it."""
        return self.known.required


def assemble(sources: Sources, scratch: Path, dimensions: int) -> Made:
    """Write what differs from the earlier index into the folder `scratch`.

    Raises IndexingError when the encoder gave no usable numbers, and OSError or sqlite3.Error when
    the disk is full.
    """
    plan, known = sources.plan, sources.known
    same = plan.same_rows and np.array_equal(plan.rows, np.arange(known.count))
    if same and sources.bundle.atlas is not None:
        return _with_records(sources, scratch)
    parts = _Parts(sources, scratch, dimensions)
    for start, end in _blocks(len(plan.rows)):
        parts.add(start, end)
    return parts.close()


def _with_records(sources: Sources, scratch: Path) -> Made:
    """Write the records alone: the pictures are the same, in the same order."""
    bundle = sources.bundle
    packs = bundles.pack_roles(bundle.manifest.files)
    roles = [role for role in bundle.manifest.files if bundles.of_index(role) and role not in packs]
    files = {role: bundle.path(role) for role in roles}
    gallery = _gallery(sources, scratch, coming=0)
    for start, end in _blocks(len(sources.plan.rows)):
        gallery.take(sources.plan.rows[start:end], sources.remade(start, end))
    files |= _finished(sources, gallery, scratch, _copies(sources, bundle.signatures))
    return Made(files, bundle.manifest.gallery.map if bundle.manifest.gallery else None)


class _Parts:
    """The files of an index while they are written, row after row."""

    def __init__(self, sources: Sources, scratch: Path, dimensions: int) -> None:
        self._sources = sources
        self._scratch = scratch
        self._count = len(sources.plan.rows)
        coming = sum(map(sources.journal.length, set(sources.changes.contents.values())))
        self._gallery = _gallery(sources, scratch, coming)
        atlas = sources.known.bundle.atlas if sources.known.bundle else None
        self._minis = MiniWriter(scratch / "minis", self._count, atlas)
        self._arrays = {
            "embeddings": _Array(scratch / "embeddings", (self._count, dimensions), "<f4"),
            "signatures": _Array(scratch / "signatures", (self._count, WORDS), "<u8"),
        }
        if (shape := _cell_shape(sources)) is not None:
            self._arrays["cells"] = _Array(scratch / "cells", (self._count, *shape), "|i1")

    def add(self, start: int, end: int) -> None:
        """Write the rows from `start` to `end`."""
        rows = self._sources.plan.rows[start:end]
        changed = self._sources.remade(start, end)
        new = np.flatnonzero(rows < 0).tolist()
        fresh = {place: self._sources.entry(start + place) for place in new}
        for role, array in self._arrays.items():
            array.add(self._block(role, array, rows, fresh))
        for part in np.split(np.arange(len(rows)), _turns(rows)):
            if rows[part[0]] < 0:
                self._add_new([fresh[place] for place in part])
            else:
                self._take(rows[part], changed)

    def close(self) -> Made:
        """Finish the files, and give every picture its place on the map."""
        for array in self._arrays.values():
            array.close()
        files = {role: self._scratch / role for role in self._arrays}
        embeddings, signatures = (
            np.load(files[role], mmap_mode="r") for role in ("embeddings", "signatures")
        )
        copies = _copies(self._sources, signatures)
        files |= _finished(self._sources, self._gallery, self._scratch, copies)
        if (sketch := Sketch.of(embeddings)) is not None:
            files["sketch"] = self._scratch / "sketch"
            with files["sketch"].open("wb") as file:
                np.save(file, sketch.values)
        files |= {role: self._scratch / role for role in ("map", "minis")}
        cells, drawn = placed(embeddings, self._sources.plan.ids, self._sources.known.map())
        save(self._minis.close(), cells, files["map"])
        return Made(files, drawn)

    def _add_new(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._gallery.add(entry.record, entry.small, entry.large)
            self._minis.add(entry.mini)

    def _take(self, rows: NDArray[np.int64], changed: dict[int, Record]) -> None:
        self._gallery.take(rows, changed)
        bundle = self._sources.bundle
        if bundle.atlas is not None:
            self._minis.take(rows)
            return
        for row in rows.tolist():  # an index of a version that had no map
            small = bundle.gallery.stored(bundle.gallery.record(row), "small")
            self._minis.add(mini_from(small))

    def _block(
        self, role: str, array: "_Array", rows: NDArray[np.int64], fresh: dict[int, Entry]
    ) -> NDArray[np.generic]:
        """Return one role's values of some rows."""
        block = np.empty((len(rows), *array.shape[1:]), array.dtype)
        old = rows >= 0
        if old.any():
            block[old] = getattr(self._sources.bundle, role)[rows[old]]
        for place, entry in fresh.items():
            block[place] = getattr(entry, _FIELDS[role])
        if role == "embeddings" and not np.isfinite(block).all():
            raise IndexingError(
                "The encoder of this bundle gives embeddings that are not finite numbers. "
                "Its training diverged: train it again, and export."
            )
        return block


_FIELDS: Final = {"embeddings": "embedding", "signatures": "signature", "cells": "cells"}


class _Array:
    """An array file that is written block by block: never in memory, and never mapped.

    Writing to a mapped file when the disk is full would kill the process, with no word why.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: str) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        self._file = path.open("wb")
        header = {"descr": dtype, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)

    def add(self, block: NDArray[np.generic]) -> None:
        self._file.write(block.tobytes())

    def close(self) -> None:
        self._file.close()


def _blocks(count: int) -> Iterator[tuple[int, int]]:
    """Yield the ends of blocks of so many rows."""
    for start in range(0, count, _BLOCK):
        yield start, min(start + _BLOCK, count)


def _turns(rows: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return where new rows follow those that are taken over, or the other way round."""
    return np.flatnonzero((rows[1:] < 0) != (rows[:-1] < 0)) + 1


def _cell_shape(sources: Sources) -> tuple[int, ...] | None:
    if sources.known.bundle is not None:
        cells = sources.known.bundle.cells
        return None if cells is None else cells.shape[1:]
    cells = sources.entry(0).cells
    return None if cells is None else cells.shape


def _gallery(sources: Sources, scratch: Path, coming: int) -> GalleryWriter:
    """Begin the records and a pack that goes on behind those that stay."""
    kept = sources.plan.rows[sources.plan.rows >= 0]
    earlier = Earlier.of(sources.bundle.gallery, kept, coming) if len(kept) else None
    return GalleryWriter(scratch / "records", scratch / bundles.PACK, earlier)


def _copies(sources: Sources, signatures: NDArray[np.uint64] | None) -> list[list[int]]:
    """Return the groups of copies; a picture that lies in several files is one, too."""
    groups = find_groups(signatures) if signatures is not None else []
    several = {row for row, _ in sources.plan.elsewhere}
    return groups + [[row] for row in several.difference(*groups)]


def _finished(
    sources: Sources, gallery: GalleryWriter, scratch: Path, copies: list[list[int]]
) -> dict[str, Path]:
    """Finish the records and return them with the packs of thumbnails."""
    changes = sources.changes
    elsewhere = (
        (row, changes.names[number], int(changes.times[number]))
        for row, number in sources.plan.elsewhere
    )
    gallery.tell_copies(copies, elsewhere)
    gallery.tell_unreadable(changes.lasting)
    packs = gallery.kept + ([scratch / bundles.PACK] if gallery.close() else [])
    files = {bundles.pack_role(number): path for number, path in enumerate(packs)}
    return files | {"records": scratch / "records"}
