"""The shares of two pictures' places as light over them, and as numbers that add up."""

from math import isqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.comparison import Comparison
from model.places import Shares

# Brightest is the largest share of both pictures. Where even that is small, nothing shines: 16
# places of two equal pictures bring a sixteenth each.
_SHINES: Final = 1 / 16


class Place(NamedTuple):
    """One place of a picture, and how it is drawn.

    row, column: from 1. share: rounded to thousandths so that all places add up to the rounded
    similarity. light: 0 to 1, how bright it is. against: 0 to 1, how much it speaks against the
    likeness. partner: the row and column in the other picture that most of the share comes with.
    box: x, y, width and height of its rectangle in a drawing of 4 by 4. At the edge it reaches
    beyond, so that smoothing does not take light away there.
    """

    row: int
    column: int
    share: float
    light: float
    against: float
    partner: tuple[int, int]
    box: tuple[int, int, int, int]


class Overlay(NamedTuple):
    """first, second: the places of both pictures, row by row. pairs: as the page's script reads.

    side: how many places there are in a row.
    """

    first: list[Place]
    second: list[Place]
    pairs: str
    side: int


def overlay(found: Comparison) -> Overlay | None:
    """Return what is drawn over two pictures; None where the encoder tells no cells."""
    if found.pairs is None:
        return None
    shares = found.pairs.sum(axis=1), found.pairs.sum(axis=0)
    brightest = max(_SHINES, *(float(each.max()) for each in shares))
    sides = (found.pairs, found.pairs.T)
    first, second = (_places(each, found.similarity, brightest) for each in sides)
    numbers = " ".join(f"{share:.4f}" for share in found.pairs.ravel())
    return Overlay(first, second, numbers, isqrt(len(first)))


def rows(values: NDArray[np.float64]) -> list[list[float]]:
    """Return what the places of a picture have, (16,), as the rows of a square."""
    side = isqrt(len(values))
    found: list[list[float]] = values.reshape(side, side).tolist()
    return found


def rounded(shares: NDArray[np.float64], total: float) -> list[float]:
    """Round shares (n,) to thousandths that add up to the rounded total.

    All are rounded down, and what is then missing goes to those that lost most by it (the method
    of largest remainders), so each is less than a thousandth away from what it is.
    """
    units = np.floor(shares * 1000)
    missing = round(total * 1000) - int(units.sum())
    lost = np.argsort(units - shares * 1000, kind="stable")
    units[lost[:missing]] += 1
    found: list[float] = (units / 1000).tolist()
    return found


def _places(pairs: Shares, similarity: float, brightest: float) -> list[Place]:
    """Return the places of the picture whose pairs are the rows."""
    side = isqrt(len(pairs))
    shares = pairs.sum(axis=1)
    partners = np.where(shares >= 0, pairs.argmax(axis=1), pairs.argmin(axis=1))
    shown = rounded(shares, similarity)
    return [
        Place(
            row=number // side + 1,
            column=number % side + 1,
            share=shown[number],
            light=float(np.clip(share / brightest, 0, 1)),
            against=float(np.clip(-share / brightest, 0, 1)),
            partner=(int(partners[number]) // side + 1, int(partners[number]) % side + 1),
            box=_box(number, side),
        )
        for number, share in enumerate(shares)
    ]


def _box(number: int, side: int) -> tuple[int, int, int, int]:
    row, column = divmod(number, side)
    (x, width), (y, height) = _extent(column, side), _extent(row, side)
    return x, y, width, height


def _extent(place: int, side: int) -> tuple[int, int]:
    """Return where a place begins and how long it is, along one side."""
    start, end = place - (place == 0), place + 1 + (place == side - 1)
    return start, end - start
