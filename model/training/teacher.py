"""Asks a teacher about the views of every prepared picture, once, and keeps its answers: targets.

A teacher's module has `open_teacher`. Answers are kept in blocks of one shard each, 16 kB a view
for the default teacher, so that an interrupted run goes on with the next block, and more pictures
cost only themselves.
"""

import hashlib
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.progress import Progress
from model.training.axes import principal_axes
from model.training.cells import on_grid
from model.training.data import Pictures, Pixels, open_prepared
from model.training.errors import TrainingError
from model.training.targets import (
    GRID,
    LABEL,
    Label,
    blocks_of,
    publish,
    read_label,
    write_array,
)
from model.training.views import boxes_of, cut

TEACHER: Final = "model.training.efficientnet"
DIMENSIONS: Final = 512
VIEWS: Final = 4
FITTED: Final = 2_500  # pictures that the axes are fitted on, each also mirrored
_BATCH: Final = 32


class Teacher(Protocol):
    """A network that knows pictures. `name` changes whenever its features would."""

    @property
    def name(self) -> str:
        """What recipes and targets call it."""

    def features(self, pixels: Pixels) -> NDArray[np.float32]:
        """Describe uint8 (B, 256, 256, 3) RGB pictures place by place, float32 (B, H, W, F).

        The mean over all places describes the picture.
        """


@dataclass(frozen=True)
class Taught:
    """What a run did. described: views that the teacher was asked about now."""

    path: Path
    teacher: str
    pictures: int
    views: int
    described: int


class Axes(NamedTuple):
    """mean: float32 (F,), matrix: float32 (F, D); axes that the pictures do not fill are missing.

    name: a hash of both.
    """

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]
    name: str


def find_teacher(module: str) -> Teacher:
    """Return the teacher of a Python module. Raises TrainingError where it holds none.

    What the teacher needs and is not installed raises TrainingError, too.
    """
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise TrainingError(f"There is no Python module {module} for a teacher.") from None
    if not hasattr(found, "open_teacher"):
        raise TrainingError(f"The module {module} has no function open_teacher.")
    teacher: Teacher = found.open_teacher()
    return teacher


def teach(
    folder: Path, teacher: Teacher, *, dimensions: int = DIMENSIONS, views: int = VIEWS
) -> Taught:
    """Write the teacher's targets of a prepared folder into it; what is there is not made again.

    A target is the features of each of 4x4 cells on the principal axes of whole pictures. The axes
    are fitted once, on the pictures that the folder holds then. Raises TrainingError.
    """
    pictures = open_prepared(folder)
    axes = _axes(pictures, teacher, dimensions)
    label = Label(
        teacher=teacher.name,
        pictures=len(pictures),
        fingerprint=pictures.fingerprint,
        dimensions=dimensions,
        views=views,
        axes=axes.name,
        sha256="",
    )
    described = _describe(pictures, teacher, axes, label)
    known = read_label(folder)
    if known is None or msgspec.structs.replace(known, sha256="") != label:
        publish(pictures, label)
        _sweep(folder, {path for path, _ in blocks_of(pictures, label)})
    return Taught(folder / LABEL, teacher.name, len(pictures), views, described)


def _describe(pictures: Pictures, teacher: Teacher, axes: Axes, label: Label) -> int:
    """Write the blocks that are missing; return how many views were described for them."""
    missing = [(path, rows) for path, rows in blocks_of(pictures, label) if not path.is_file()]
    wanted = sum(len(rows) for _, rows in missing) * label.views
    progress = Progress("described", wanted)
    for path, rows in missing:
        block = np.zeros((len(rows), label.views, GRID, GRID, label.dimensions), np.float16)
        for first in range(0, len(rows), _BATCH):
            some = rows[first : first + _BATCH]
            found = _answers(pictures, some, teacher, axes, label.views)
            block[first : first + _BATCH, ..., : found.shape[-1]] = found
            progress.step(len(some) * label.views)
        write_array(path, block)
    progress.finish()
    return wanted


def _answers(
    pictures: Pictures, rows: NDArray[np.int64], teacher: Teacher, axes: Axes, views: int
) -> NDArray[np.float32]:
    """Return float32 (B, V, 4, 4, D or less): what the teacher says of these pictures' views."""
    pixels = pictures.pixels(rows)
    boxes = np.stack([boxes_of(pictures.places[row].sha256, views) for row in rows])
    maps = [
        on_grid(teacher.features(cut(pixels, list(boxes[:, view]))), GRID) for view in range(views)
    ]
    return np.asarray((np.stack(maps, axis=1) - axes.mean) @ axes.matrix, np.float32)


def _axes(pictures: Pictures, teacher: Teacher, dimensions: int) -> Axes:
    """Return the axes of the folder, fitted when it was first taught."""
    asked = hashlib.sha256(f"{teacher.name} {dimensions}".encode()).hexdigest()[:12]
    path = pictures.folder / f"axes-{asked}.npz"
    if not path.is_file():
        mean, matrix = principal_axes(_wholes(pictures, teacher), dimensions, 0.0)
        with path.with_suffix(".partial").open("wb") as file:
            np.savez(file, mean=mean, matrix=matrix)
        path.with_suffix(".partial").replace(path)
    with np.load(path) as stored:
        mean, matrix = stored["mean"], stored["matrix"]
    return Axes(mean, matrix, hashlib.sha256(mean.tobytes() + matrix.tobytes()).hexdigest()[:12])


def _wholes(pictures: Pictures, teacher: Teacher) -> NDArray[np.float32]:
    """Return the features of evenly spread pictures and of their mirror images, float32 (M, F)."""
    some = pictures.some(FITTED)
    progress = Progress("looked at", len(some))
    found = []
    for pixels in some.batches(_BATCH):
        found += [teacher.features(pixels[:, :, ::turn]).mean(axis=(1, 2)) for turn in (1, -1)]
        progress.step(len(pixels))
    progress.finish()
    return np.concatenate(found)


def _sweep(folder: Path, used: set[Path]) -> None:
    """Drop what belongs to pictures that are here no more, or to other views."""
    for path in folder.glob("targets-*"):
        if path not in used:
            path.unlink()
