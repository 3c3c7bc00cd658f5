"""What a teacher says of prepared pictures: one target for each, and one for its mirror image.

They lie in the prepared folder: `targets-HASH.npy`, float16 (N, 2, D), unit length, in the order
of `pictures.json`, and `targets-HASH.json`, which is written last. HASH follows from the teacher, D
and the pictures, so targets of other pictures are never taken for these. `teacher.py` makes them.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.training.data import Pictures, open_prepared
from model.training.errors import TrainingError


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the targets. sha256: of the .npy file."""

    teacher: str
    pictures: int
    fingerprint: str
    dimensions: int
    sha256: str


@dataclass(frozen=True)
class Targets:
    """The targets of some pictures, in their order: rows of the file, which is mapped."""

    path: Path
    label: Label
    rows: NDArray[np.int64]

    @cached_property
    def _all(self) -> NDArray[np.float16]:
        array: NDArray[np.float16] = np.load(self.path, mmap_mode="r")
        return array

    def of(
        self, places: Sequence[int] | NDArray[np.int64], mirrored: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """Return the targets of these pictures, float32 (B, D), or of their mirror images."""
        found: NDArray[np.float16] = self._all[self.rows[places], mirrored.astype(np.int64)]
        return found.astype(np.float32)


def path_of(pictures: Pictures, teacher: str, dimensions: int) -> Path:
    """Return where the targets of a whole prepared folder lie."""
    decided = f"{teacher} {dimensions} {pictures.fingerprint}"
    return pictures.folder / f"targets-{hashlib.sha256(decided.encode()).hexdigest()[:12]}.npy"


def open_targets(pictures: Pictures, teacher: str, dimensions: int) -> Targets:
    """Return the targets of these pictures, a prepared folder's or some of them.

    Raises TrainingError, with the command that makes them, where there are none.
    """
    folder = open_prepared(pictures.folder)
    path = path_of(folder, teacher, dimensions)
    try:
        label = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=Label)
    except (OSError, msgspec.DecodeError):
        raise TrainingError(
            f"{folder.folder} has no targets of {dimensions} dimensions by the teacher {teacher} "
            f"for its pictures. Make them: python -m model teach {folder.folder}"
        ) from None
    row_of = {place.sha256: row for row, place in enumerate(folder.places)}
    rows = np.array([row_of[place.sha256] for place in pictures.places], np.int64)
    return Targets(path, label, rows)


def write_targets(
    pictures: Pictures, teacher: str, targets: NDArray[np.float16], dimensions: int
) -> Path:
    """Write the targets of a whole prepared folder, float16 (N, 2, D), whole or not at all."""
    path = path_of(pictures, teacher, dimensions)
    write_array(path, targets)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    label = Label(
        teacher=teacher,
        pictures=len(pictures),
        fingerprint=pictures.fingerprint,
        dimensions=dimensions,
        sha256=sha256,
    )
    partial = path.with_suffix(".partial")
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(label), indent=2) + b"\n")
    partial.replace(path.with_suffix(".json"))
    return path


def write_array(path: Path, array: NDArray[np.float16]) -> None:
    """Write a file beside its place and rename it there: never half of one."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.save(file, array)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
