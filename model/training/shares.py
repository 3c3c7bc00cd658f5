"""What each cell of a code brings to the embedding: the shares of a picture add up to it.

That is so because everything from cell to embedding is linear, but for lengths that all cells have
in common: the average along rows, and a head that answers the average of the cells.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.training.projection import Projection
from model.training.runtime import tf


class Linear(NamedTuple):
    """A head as a matrix: kernel float32 (C, F), bias float32 (F,), on the average cell."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


def linear(head: Any) -> Linear:
    """Return what a taught head does to the average of a code's cells."""
    return Linear(*head.get_layer("linear").get_weights())


def pooled(codes: Any, fitted: Projection) -> Any:
    """Return the shares of the cells of codes (B, H, W, C) averaged along rows: (B, H*W, D)."""
    _, height, _, channels = codes.shape
    means = fitted.mean.reshape(height, channels)
    matrices = fitted.matrix.reshape(height, channels, -1)
    rows = [
        _cells(codes[:, row], matrices[row]) - means[row] @ matrices[row] for row in range(height)
    ]
    return _of_unit_length(tf.concat(rows, axis=1))


def taught(codes: Any, fitted: Projection, head: Linear) -> Any:
    """Return the shares of the cells of codes (B, H, W, C) that a head answers: (B, H*W, D)."""
    average = tf.reduce_mean(codes, axis=(1, 2))
    length = tf.norm(tf.matmul(average, head.kernel) + head.bias, axis=1)[:, None, None]
    cells = _cells(codes, head.kernel @ fitted.matrix) + head.bias @ fitted.matrix
    return _of_unit_length(cells / length - fitted.mean @ fitted.matrix)


def _cells(codes: Any, matrix: NDArray[np.float32]) -> Any:
    """Multiply every cell of codes (B, ..., C) with a matrix (C, D): (B, cells, D)."""
    *_, channels = codes.shape
    cells = int(np.prod(codes.shape[1:-1]))
    each = tf.matmul(tf.reshape(codes, (-1, channels)), matrix)
    return tf.reshape(each, (-1, cells, matrix.shape[1]))


def _of_unit_length(shares: Any) -> Any:
    """Scale shares (B, cells, D) so that their sum has unit length."""
    return shares / tf.norm(tf.reduce_sum(shares, axis=1, keepdims=True), axis=2, keepdims=True)
