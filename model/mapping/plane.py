"""The plane: a grid of places, each for one picture, all of one size.

A place is a column and a line, from 0. Its number interleaves their bits (Morton, 1966), so that
the places of any square tile, at any zoom, are one run of numbers.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.int64]
Numbers = NDArray[np.uint32]

# A picture's place is as wide as four when it is as high as three, as most cameras see.
WIDE: Final = 4
HIGH: Final = 3
_SPREADS: Final = ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555))


def block(count: int) -> Cells:
    """Return `count` places, int64 (count, 2), that fill a block line by line, as wide as high."""
    columns = max(1, int(np.ceil(np.sqrt(count))))
    lines, column = np.divmod(np.arange(count), columns)
    return np.stack((column, lines), axis=1)


def numbered(cells: Cells) -> Numbers:
    """Return the numbers, uint32 (N,), of places, (N, 2) from 0 to 65,535."""
    spread = cells.astype(np.uint32)
    for shift, mask in _SPREADS:
        spread = (spread | (spread << np.uint32(shift))) & np.uint32(mask)
    numbers: Numbers = spread[:, 0] | (spread[:, 1] << np.uint32(1))
    return numbers


def located(numbers: Numbers) -> Cells:
    """Return the places, int64 (N, 2), of numbers, uint32 (N,)."""
    packed = np.stack((numbers, numbers >> np.uint32(1)), axis=1) & np.uint32(_SPREADS[-1][1])
    masks = [mask for _, mask in _SPREADS[-2::-1]] + [0x0000FFFF]
    for (shift, _), mask in zip(_SPREADS[::-1], masks, strict=True):
        packed = (packed | (packed >> np.uint32(shift))) & np.uint32(mask)
    return packed.astype(np.int64)


def shared_out(points: NDArray[np.floating], cells: Cells) -> Cells:
    """Give each of N points, float (N, 2), one of N cells, so that they keep their order.

    Cells and points are halved at the same share along the cells' longer side, and again, until
    one is left of each. Crowded parts are spread, empty ones vanish.
    """
    given = np.empty_like(cells)
    waiting = [(np.arange(len(points)), np.arange(len(cells)))]
    while waiting:
        ours, theirs = waiting.pop()
        if len(ours) < 2:
            given[ours] = cells[theirs]
            continue
        axis = int(np.argmax(np.ptp(cells[theirs], axis=0)))
        half = len(ours) // 2
        # Cells of one column are taken line by line, and the other way round.
        order = np.lexsort((cells[theirs, 1 - axis], cells[theirs, axis]))
        ranks = np.argsort(points[ours, axis], kind="stable")
        waiting.append((ours[ranks[:half]], theirs[order[:half]]))
        waiting.append((ours[ranks[half:]], theirs[order[half:]]))
    return given
