"""A teacher as `evaluate` measures it: each of its networks is a method of its own."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.baselines import Vector
from model.evaluation.methods import Method
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


def _one(features: Features) -> Callable[[Pixels], Vector]:
    """Average the map of one picture."""
    return lambda pixels: features(pixels[np.newaxis])[0].mean(axis=(0, 1))
