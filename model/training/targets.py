"""What a teacher says of prepared pictures: for each of their views a map of cells.

They lie in the prepared folder: for each of its shards `targets-HASH.npy`, float16
(N, V, 4, 4, D), with a row for each picture that counts, in the shard's order; `axes-HASH.npz`,
what they were projected on; and `targets.json`, which is written last. The mean of a map's cells
points to where the teacher sees the whole view. `teacher.py` makes them.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.training.data import Pictures, open_prepared
from model.training.errors import TrainingError
from model.training.views import boxes_of

LABEL: Final = "targets.json"
GRID: Final = 4  # cells along each side of a map
_SPREAD: Final = 2_500  # pictures that tell how strong each axis is


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the targets. sha256: over all of them, in the order of the shards."""

    teacher: str
    pictures: int
    fingerprint: str
    dimensions: int
    views: int
    axes: str
    sha256: str


@dataclass(frozen=True)
class Targets:
    """The targets of some pictures, in their order; the files are mapped.

    whitening: each axis is divided by its deviation among the folder's pictures to this power.
    """

    pictures: Pictures
    label: Label
    whitening: float = 0.0

    @cached_property
    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return, for each picture, which block it lies in and which row there."""
        folder = open_prepared(self.pictures.folder)
        where = {
            folder.places[row].sha256: (number, place)
            for number, (_, rows) in enumerate(blocks_of(folder, self.label))
            for place, row in enumerate(rows)
        }
        found = [where[picture.sha256] for picture in self.pictures.places]
        blocks, rows = np.array(found, np.int64).T
        return blocks, rows

    @cached_property
    def _blocks(self) -> list[NDArray[np.float16]]:
        folder = open_prepared(self.pictures.folder)
        return [np.load(path, mmap_mode="r") for path, _ in blocks_of(folder, self.label)]

    @cached_property
    def _factors(self) -> NDArray[np.float32]:
        """Return what each axis is multiplied by, float32 (D,); 1 where no picture reaches."""
        some = open_prepared(self.pictures.folder).some(_SPREAD)
        deviations = Targets(some, self.label).means().std(axis=0)
        known = np.where(deviations > 0.0, deviations, 1.0)
        return np.asarray(known**-self.whitening, np.float32)

    @cached_property
    def _boxes(self) -> NDArray[np.float32]:
        views = self.label.views
        return np.stack([boxes_of(place.sha256, views) for place in self.pictures.places])

    def boxes(
        self, places: Sequence[int] | NDArray[np.int64], views: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return what the views of these pictures cut out, float32 (B, 4), y0 x0 y1 x1."""
        return self._boxes[places, views]

    def cells(
        self, places: Sequence[int] | NDArray[np.int64], views: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the maps of these views, float32 (B, 4, 4, D)."""
        blocks, rows = self._places
        found = [
            self._blocks[blocks[place]][rows[place], view]
            for place, view in zip(places, views, strict=True)
        ]
        cells = np.stack(found).astype(np.float32)
        return cells * self._factors if self.whitening else cells

    def means(self) -> NDArray[np.float32]:
        """Return what is said of all the pictures as a whole, float32 (N, D)."""
        cells = self.cells(range(len(self.pictures)), np.zeros(len(self.pictures), np.int64))
        return np.asarray(cells.mean(axis=(1, 2)))

    def whole(self) -> NDArray[np.float32]:
        """Return the same, brought to unit length."""
        means = self.means()
        return np.asarray(
            means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12), np.float32
        )


def blocks_of(folder: Pictures, label: Label) -> Iterator[tuple[Path, NDArray[np.int64]]]:
    """Yield the file for each shard, named by what is in it, with the rows of its pictures.

    label: all but its fingerprint and sha256 counts.
    """
    asked = f"{label.teacher} {label.dimensions} {label.views} {label.axes}"
    by_shard = sorted(range(len(folder)), key=lambda row: folder.places[row].shard)
    for _, group in groupby(by_shard, lambda row: folder.places[row].shard):
        rows = sorted(group, key=lambda row: folder.places[row].row)
        contents = "".join(folder.places[row].sha256 for row in rows)
        digest = hashlib.sha256(f"{asked} {contents}".encode()).hexdigest()[:12]
        yield folder.folder / f"targets-{digest}.npy", np.array(rows, np.int64)


def read_label(folder: Path) -> Label | None:
    """Return what the targets of a prepared folder are; None where there are none."""
    try:
        return msgspec.json.decode((folder / LABEL).read_bytes(), type=Label)
    except (OSError, msgspec.DecodeError):
        return None


def open_targets(
    pictures: Pictures, teacher: str, dimensions: int, whitening: float = 0.0
) -> Targets:
    """Return the targets of these pictures, a prepared folder's or some of them.

    Raises TrainingError, with the command that makes them, where there are none.
    """
    folder = open_prepared(pictures.folder)
    label = read_label(folder.folder)
    wanted = (teacher, dimensions, folder.fingerprint)
    if label is None or (label.teacher, label.dimensions, label.fingerprint) != wanted:
        raise TrainingError(
            f"{folder.folder} has no targets of {dimensions} dimensions by the teacher {teacher} "
            f"for its pictures. Make them: python -m model teach {folder.folder}"
        )
    return Targets(pictures, label, whitening)


def publish(folder: Pictures, label: Label) -> Label:
    """Write the label of a whole prepared folder, whose blocks all lie there; return it."""
    digest = hashlib.sha256()
    for path, _ in blocks_of(folder, label):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    full = msgspec.structs.replace(label, sha256=digest.hexdigest())
    partial = folder.folder / f"{LABEL}.partial"
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(full), indent=2) + b"\n")
    partial.replace(folder.folder / LABEL)
    return full


def write_array(path: Path, array: NDArray[np.float16]) -> None:
    """Write a file beside its place and rename it there: never half of one."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.save(file, array)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
