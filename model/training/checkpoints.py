"""Checkpoints: one `.keras` file each: network, optimizer, and the training's whole state.

Keras reads the file as it is; the state is a further member of its archive, and in a bundle the
projection is another. A file is written beside its place and renamed, so there is never half a one;
the last two are kept.
"""

import io
import os
import zipfile
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.training.archive import PROJECTION
from model.training.configuration import State
from model.training.errors import TrainingError
from model.training.runtime import keras

MEMBER: Final = "imagesearch.json"
KEPT: Final = 2
_PARTIAL: Final = ".partial-"


def latest(job_dir: Path) -> Path | None:
    """Return the newest checkpoint of a job, or None."""
    return max(_all(job_dir), default=None)


def save(job_dir: Path, autoencoder: Any, state: State) -> Path:
    """Write a checkpoint of this state, then drop all but the last two."""
    path = job_dir / f"checkpoint-{state.step:09}.keras"
    write(path, autoencoder, state)
    for old in sorted(_all(job_dir))[:-KEPT]:
        old.unlink()
    for half in job_dir.glob(f"{_PARTIAL}*"):  # of a process that was killed while it wrote
        half.unlink()
    return path


def write(path: Path, autoencoder: Any, state: State, *, optimizer: bool = True) -> None:
    """Write one checkpoint file, whole or not at all."""
    partial = path.with_name(_PARTIAL + path.name)
    keras.saving.save_model(autoencoder, partial, include_optimizer=optimizer)
    with zipfile.ZipFile(partial, "a") as archive:
        archive.writestr(MEMBER, msgspec.json.format(msgspec.json.encode(state), indent=2))
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def add_projection(path: Path, mean: NDArray[np.float32], matrix: NDArray[np.float32]) -> None:
    """Add the projection to a checkpoint file, float32 (F,) and (F, D), before anybody reads it."""
    content = io.BytesIO()
    np.savez(content, mean=mean, matrix=matrix)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(PROJECTION, content.getvalue())


def pack(path: Path) -> None:
    """Compress what is in a checkpoint file; Keras reads it all the same."""
    partial = path.with_name(_PARTIAL + path.name)
    with (
        zipfile.ZipFile(path) as found,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed,
    ):
        for member in found.infolist():
            packed.writestr(member.filename, found.read(member))
    partial.replace(path)


def read_state(path: Path) -> State:
    """Return the state alone, without loading the network. Raises TrainingError."""
    try:
        with zipfile.ZipFile(path) as archive:
            return msgspec.json.decode(archive.read(MEMBER), type=State)
    except (OSError, KeyError, zipfile.BadZipFile, msgspec.DecodeError) as error:
        problem = f"The checkpoint {path} cannot be read ({error})."
        raise TrainingError(f"{problem} Delete it to go on from the one before.") from error


def load(path: Path) -> tuple[Any, State]:
    """Return the network, its optimizer set up as it was, and the state. Raises TrainingError."""
    state = read_state(path)
    try:
        return keras.saving.load_model(path), state
    except (OSError, ValueError) as error:
        problem = f"The checkpoint {path} does not load ({error})."
        raise TrainingError(f"{problem} Delete it to go on from the one before.") from error


def _all(job_dir: Path) -> list[Path]:
    return list(job_dir.glob("checkpoint-*.keras"))
