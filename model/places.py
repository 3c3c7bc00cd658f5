"""Which places of two pictures make them alike: shares that add up to their similarity.

An embedding e is the sum of what the 16 cells of a picture's 4x4 code bring to it: e = c1 + ... +
c16 (`Encoded.cells`). A similarity is the dot product of two embeddings, e of one picture and f =
d1 + ... + d16 of the other. So it is, without any approximation, a sum over pairs of places:

    e . f  =  sum over i and j of  ci . dj

A pair's share is ci . dj. A place's share is the sum of its pairs: ci . f for a place of the one
picture, e . dj for a place of the other. The 16 shares of either picture add up to the similarity,
and so do the 256 of all pairs. A share below 0 speaks against the likeness. (A. Stylianou, R.
Souvenir and R. Pless, "Visualizing Deep Similarity Networks", 2019, take average pooling apart so.)

An index keeps embeddings but no such cells, so the pictures of a gallery are encoded again, from
what it shows of them. Where that is a copy, its cells add up to a slightly other embedding; what
is missing is spread evenly over them (`settled`), so that the shares add up to the very similarity
that a search with the stored embedding gives.
"""

import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float64]


def settled(cells: NDArray[np.float32], embedding: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return cells (n, D) that add up to this embedding (D,): each takes 1/n of what is missing."""
    exact = cells.astype(np.float64)
    even: NDArray[np.float64] = exact + (embedding - exact.sum(axis=0)) / len(exact)
    return even


def pairs(first: NDArray[np.float64], second: NDArray[np.float64]) -> Shares:
    """Return the share of every pair of cells (n, D) and (m, D): (n, m).

    Rows add up to the shares of the first picture's places, columns to those of the second's.
    """
    shares: Shares = first @ second.T
    return shares
