"""Maps of cells: what stands at each place of a picture, on a coarse grid."""

import numpy as np
from numpy.typing import NDArray


def shares(given: int, wanted: int) -> NDArray[np.float32]:
    """Return float32 (wanted, given): how much of each wanted cell each given cell covers.

    Along one side of a map. Rows sum to 1, and the mean over all cells stays what it is.
    """
    edges = np.arange(wanted + 1) * (given / wanted)
    first, last = edges[:-1, None], edges[1:, None]
    cells = np.arange(given)[None]
    overlap = np.clip(np.minimum(last, cells + 1) - np.maximum(first, cells), 0.0, None)
    return np.asarray(overlap * (wanted / given), np.float32)


def on_grid(cells: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Bring maps (B, H, W, C) to (B, side, side, C) by the areas that the cells cover."""
    height, width = cells.shape[1:3]
    found = np.einsum(
        "ih,jw,bhwc->bijc", shares(height, side), shares(width, side), cells, optimize=True
    )
    return np.asarray(found, np.float32)
