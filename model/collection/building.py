"""Writes the files of an index from what an export holds; its arrays are taken as they are."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.collection.layout import ARRAYS, Export, Line
from model.collection.reading import Arrays
from model.duplicates import find_groups
from model.gallery import Record
from model.gallery_writing import GalleryWriter
from model.mapping.atlas import TABLE, Atlas, MapInfo, MiniWriter, save
from model.mapping.making import placed
from model.mapping.minis import mini_from
from model.mapping.plane import numbered
from model.reading import IN_DOUBT
from model.sketch import Sketch


class Built(NamedTuple):
    """The files of an index by their roles, and how its map was made."""

    files: dict[str, Path]
    map: MapInfo


class Builder:
    """Takes the pictures of an export one after another; `finish` makes an index of them.

    Whatever happens in its block, its files are closed at the end.
    """

    def __init__(self, scratch: Path, folder: Path, export: Export, arrays: Arrays) -> None:
        """scratch: a folder for what is written. folder: the export's, where its arrays lie."""
        self._scratch, self._folder = scratch, folder
        self._export, self._arrays = export, arrays
        self._gallery = GalleryWriter(scratch / "records", scratch / "thumbnails")
        self._minis = MiniWriter(scratch / "minis", export.count)
        self._open = True
        self._ids: list[str] = []
        self._elsewhere: list[tuple[int, str, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open:  # what stopped it is told; what it leaves half done is not
            with suppress(sqlite3.Error, OSError):
                self._close()

    def add(self, line: Line, small: bytes, large: bytes) -> bool:
        """Append a picture; return False for an id or a path that is there already."""
        known = msgspec.structs.asdict(line)
        record = Record(**{name: known[name] for name in Record.__struct_fields__})
        try:
            self._gallery.add(record, small, large)
        except sqlite3.IntegrityError:
            return False
        self._minis.add(mini_from(small))
        self._elsewhere += [(line.row, path, IN_DOUBT) for path in line.elsewhere]
        self._ids.append(line.id)
        return True

    def finish(self) -> Built:
        """Find what an index has besides, and finish its files."""
        self._gallery.tell_copies(self._copies(), self._elsewhere)
        table = self._close()
        names = ("records", "thumbnails", "minis", "map")
        files = {name: self._scratch / name for name in names} | self._taken()
        sketch = Sketch.of(self._arrays.embeddings)
        if sketch is not None:
            files["sketch"] = self._scratch / "sketch"
            with files["sketch"].open("wb") as file:
                np.save(file, sketch.values)
        cells, drawn = placed(self._arrays.embeddings, self._ids, self._known())
        save(table, cells, files["map"])
        return Built(files, drawn)

    def _close(self) -> NDArray[np.void]:
        self._open = False
        table = self._minis.close()
        self._gallery.close()
        return table

    def _taken(self) -> dict[str, Path]:
        """Return the arrays that an index holds as the export does."""
        roles = ("embeddings", "signatures", "cells")
        return {r: self._folder / ARRAYS[r] for r in roles if ARRAYS[r] in self._export.files}

    def _copies(self) -> list[list[int]]:
        """Return the groups of copies; a picture that lies in several files is one, too."""
        groups = find_groups(self._arrays.signatures)
        several = {row for row, *_ in self._elsewhere}
        return groups + [[row] for row in several.difference(*groups)]

    def _known(self) -> tuple[Atlas, list[str]] | None:
        """Return the map that the export tells of, and its ids by row; None where it has none."""
        places, info = self._arrays.places, self._export.map
        if places is None or info is None:
            return None
        table = np.zeros(len(places), TABLE)
        table["place"], table["row"] = numbered(places), np.arange(len(places))
        # Its minis are not asked for: they are drawn anew, from the small thumbnails.
        return Atlas(np.sort(table, order="place"), self._scratch / "minis", info), self._ids
