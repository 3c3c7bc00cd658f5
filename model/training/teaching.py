"""What a network that is taught has to lose: how far it is from its teacher, in three ways."""

from typing import Any

from model.training.cells import shares
from model.training.runtime import tf

_OUT = 1e9  # taken off a picture's similarity to itself: it is the same for everybody


def parts(answers: Any, targets: Any, temperature: float) -> dict[str, Any]:
    """Return three losses of a batch, each a scalar of 0 or more.

    "cosine": 1 - cosine between the means of answers and targets, the mean over the batch. "cells":
    the same between the cells themselves, which tells a network with few pictures more of each.
    "similarity": how far the pictures' similarities to each other, taken as probabilities, are from
    the teacher's: the Kullback-Leibler divergence (after N. Passalis and A. Tefas, 2018).

    answers: float32 (B, H, H, D), of each cell. targets: float32 (B, G, G, D), mirrored already.
    """
    placed = on_grid(targets, answers.shape[1])
    alike = tf.reduce_sum(
        tf.math.l2_normalize(answers, axis=3) * tf.math.l2_normalize(placed, axis=3), axis=3
    )
    student, teacher = (
        tf.math.l2_normalize(tf.reduce_mean(maps, axis=(1, 2)), axis=1)
        for maps in (answers, targets)
    )
    return agreement(student, teacher, temperature) | {"cells": 1.0 - tf.reduce_mean(alike)}


def agreement(student: Any, teacher: Any, temperature: float) -> dict[str, Any]:
    """Return "cosine" and "similarity" of `parts`, of unit vectors, float32 (B, D)."""
    ours, theirs = (_log_neighbours(vectors, temperature) for vectors in (student, teacher))
    divergence = tf.reduce_sum(tf.exp(theirs) * (theirs - ours), axis=1)
    return {
        "cosine": 1.0 - tf.reduce_mean(tf.reduce_sum(student * teacher, axis=1)),
        "similarity": tf.reduce_mean(divergence),
    }


def on_grid(cells: Any, side: int) -> Any:
    """Bring maps (B, G, G, D) to (B, side, side, D), as `cells.on_grid` does."""
    matrix = tf.constant(shares(cells.shape[1], side))
    return tf.einsum("ih,jw,bhwd->bijd", matrix, matrix, cells)


def _log_neighbours(vectors: Any, temperature: float) -> Any:
    """Return, of unit vectors, the logarithm of each one's likeness to each other, (B, B)."""
    similarities = tf.matmul(vectors, vectors, transpose_b=True)
    others = similarities / temperature - _OUT * tf.eye(tf.shape(vectors)[0])
    return tf.nn.log_softmax(others, axis=1)
