"""Principal axes: the directions in which features spread most."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_FLOOR: Final = 1e-6  # of the largest variance: axes below it are noise


def principal_axes(
    features: NDArray[np.float32], dimensions: int, whitening: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean (F,) and matrix (F, D): the principal axes, divided by deviation**whitening.

    D is `dimensions`, or less where the data spread in fewer: at most one less than samples.
    """
    wide = features.astype(np.float64)
    mean = wide.mean(axis=0)
    centred = wide - mean
    variances, axes = np.linalg.eigh(centred.T @ centred / max(len(wide) - 1, 1))
    variances, axes = variances[::-1], axes[:, ::-1]  # largest first
    real = int(np.count_nonzero(variances > _FLOOR * variances[0]))
    kept = max(1, min(dimensions, real, len(wide) - 1))
    matrix = axes[:, :kept] / np.maximum(variances[:kept], 1e-30) ** (whitening / 2)
    return mean.astype(np.float32), matrix.astype(np.float32)
