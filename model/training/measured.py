"""What `evaluate` measures beside bundles: a teacher's networks, and a bundle without whitening."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.baselines import Vector
from model.bundle import read_manifest
from model.encoder import Encoder
from model.evaluation.methods import Method, learned_by, part
from model.training.archive import read_projection
from model.training.data import Pixels
from model.training.teacher import find_teacher

Features = Callable[[Pixels], NDArray[np.float32]]


class Alone(NamedTuple):
    """One network of a teacher. features: uint8 (B, 256, 256, 3) to float32 (B, H, W, F)."""

    features: Features
    weights: int  # bytes


def teacher_methods(module: str) -> list[Method]:
    """Return the networks of a Python module's teacher: what its `alone` names, or itself whole.

    Raises TrainingError where there is none, or what it needs is not installed.
    """
    teacher = find_teacher(module)
    alone = getattr(teacher, "alone", None)
    networks = alone() if alone else {teacher.name: Alone(teacher.features, 0)}
    return [
        Method(name=name, describe=_one(network.features), weights=network.weights)
        for name, network in networks.items()
    ]


def unwhitened(name: str, folder: Path) -> Method | None:
    """Return a bundle's embedding on the same axes, each as strong as the pictures make it.

    None where the checkpoint does not hold its projection. Raises BundleError.
    """
    manifest = read_manifest(folder)
    kept = read_projection(part(folder, manifest, "checkpoint"))
    if kept is None:
        return None
    strengths = np.linalg.norm(kept[1], axis=0)  # the axes themselves are of unit length
    path = part(folder, manifest, "encoder")
    encoder = Encoder(path)
    return Method(
        name=name,
        describe=lambda pixels: encoder.encode(pixels[np.newaxis]).embedding[0] / strengths,
        learned=learned_by(folder, manifest),
        weights=path.stat().st_size,
        trained=True,
    )


def _one(features: Features) -> Callable[[Pixels], Vector]:
    """Average the map of one picture."""
    return lambda pixels: features(pixels[np.newaxis])[0].mean(axis=(0, 1))
