"""Asks a teacher about every prepared picture, once, and keeps what training wants of it: targets.

A teacher's module has `open_teacher`. Its features are kept in blocks of one shard each, 10 kB a
picture for the default teacher, so that an interrupted run goes on with the next block, and more
pictures cost only themselves.
"""

import hashlib
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from model.progress import Progress
from model.training.axes import principal_axes
from model.training.data import Pictures, Pixels, open_prepared
from model.training.errors import TrainingError
from model.training.targets import path_of, write_array, write_targets

TEACHER: Final = "model.training.efficientnet"
DIMENSIONS: Final = 512
FITTED: Final = 5_000  # pictures that the axes are fitted on, each also mirrored
_BATCH: Final = 32


class Teacher(Protocol):
    """A network that knows pictures. `name` changes whenever its features would."""

    @property
    def name(self) -> str:
        """What recipes and targets call it."""

    def features(self, pixels: Pixels) -> NDArray[np.float32]:
        """Describe uint8 (B, 256, 256, 3) RGB pictures, float32 (B, F)."""


@dataclass(frozen=True)
class Taught:
    """What a run did. described: pictures that the teacher was asked about now."""

    path: Path
    teacher: str
    pictures: int
    described: int


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


def teach(folder: Path, teacher: Teacher, *, dimensions: int = DIMENSIONS) -> Taught:
    """Write the teacher's targets of a prepared folder into it; what is there is not made again.

    A target is the features' place on their principal axes, fitted on these pictures, and brought
    to unit length; axes that the pictures do not fill are 0. Raises TrainingError.
    """
    pictures = open_prepared(folder)
    path = path_of(pictures, teacher.name, dimensions)
    if path.with_suffix(".json").is_file():
        return Taught(path, teacher.name, len(pictures), 0)
    described, blocks = _describe(pictures, teacher)
    targets = _targets(pictures, blocks, dimensions)
    write_targets(pictures, teacher.name, targets, dimensions)
    _sweep(folder, {path, path.with_suffix(".json"), *blocks})
    return Taught(path, teacher.name, len(pictures), described)


def _describe(pictures: Pictures, teacher: Teacher) -> tuple[int, dict[Path, NDArray[np.int64]]]:
    """Return how many pictures were described now, and every block with its pictures' rows."""
    blocks = dict(_blocks(pictures, teacher.name))
    missing = {path: rows for path, rows in blocks.items() if not path.is_file()}
    progress = Progress("described", sum(len(rows) for rows in missing.values()))
    for path, rows in missing.items():
        write_array(path, _features(pictures, rows, teacher, progress))
    progress.finish()
    return sum(len(rows) for rows in missing.values()), blocks


def _blocks(pictures: Pictures, teacher: str) -> Iterator[tuple[Path, NDArray[np.int64]]]:
    """Yield a block for each shard, named by what is in it, with the rows of its pictures."""
    by_shard = sorted(range(len(pictures)), key=lambda row: pictures.places[row].shard)
    for _, group in groupby(by_shard, lambda row: pictures.places[row].shard):
        rows = sorted(group, key=lambda row: pictures.places[row].row)
        contents = "".join(pictures.places[row].sha256 for row in rows)
        digest = hashlib.sha256(f"{teacher} {contents}".encode()).hexdigest()[:12]
        yield pictures.folder / f"features-{digest}.npy", np.array(rows, np.int64)


def _features(
    pictures: Pictures, rows: NDArray[np.int64], teacher: Teacher, progress: Progress
) -> NDArray[np.float16]:
    """Return float16 (B, 2, F): each picture's features and those of its mirror image."""
    found = []
    for first in range(0, len(rows), _BATCH):
        pixels = pictures.pixels(rows[first : first + _BATCH])
        both = [teacher.features(pixels), teacher.features(pixels[:, :, ::-1])]
        found.append(np.stack(both, axis=1).astype(np.float16))
        progress.step(len(pixels))
    return np.concatenate(found)


def _targets(
    pictures: Pictures, blocks: dict[Path, NDArray[np.int64]], dimensions: int
) -> NDArray[np.float16]:
    """Return float16 (N, 2, D), a block at a time, for all features at once take much memory."""
    mean, matrix = _fit(len(pictures), blocks, dimensions)
    targets = np.zeros((len(pictures), 2, dimensions), np.float16)
    for path, rows in blocks.items():
        placed = (np.load(path).astype(np.float32) - mean) @ matrix  # (B, 2, D or fewer)
        length = np.maximum(np.linalg.norm(placed, axis=2, keepdims=True), 1e-12)
        targets[rows, :, : matrix.shape[1]] = placed / length
    return targets


def _fit(
    count: int, blocks: dict[Path, NDArray[np.int64]], dimensions: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit the axes on pictures that are evenly spread over all of them."""
    chosen = np.unique(np.linspace(0, count - 1, min(FITTED, count)).astype(np.int64))
    some = [np.load(path)[np.isin(rows, chosen)] for path, rows in blocks.items()]
    features = np.concatenate(some).astype(np.float32)
    return principal_axes(features.reshape(-1, features.shape[-1]), dimensions, 0.0)


def _sweep(folder: Path, used: set[Path]) -> None:
    """Drop what belongs to pictures that are here no more, or to another teacher."""
    for pattern in ("features-*", "targets-*"):
        for path in folder.glob(pattern):
            if path not in used:
                path.unlink()
