"""What a calibration was found to be worth, on pictures that it was not made from."""

import msgspec

from benchmarks.machine import Machine
from benchmarks.measure import Spread


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """How often "nothing" was said of a kind, with its 95 % interval; all 0 to 1.

    right: whether it should be said of this kind. small: whether these are its small pictures.
    """

    kind: str
    right: bool
    small: bool
    count: int
    said: float
    low: float
    high: float


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """How well a number tells pictures of the subject from others: areas under the ROC curve.

    sharp, small: of the pictures of either size.
    """

    name: str
    sharp: float
    small: float


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs of a kind's pictures with the gallery whose chance is at most one in `rarity`.

    times: how many there are, of those that there should be; by rarity.
    """

    kind: str
    pairs: int
    times: dict[int, float]


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """How often matches with a word show what the query shows.

    queries: what was searched with. matches: of one query, on average. same: the share of the
    query's own type, 0 to 1.
    """

    queries: str
    word: str
    matches: float
    same: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run. fitted: pictures of each kind that fitted. words: where the gallery tells types.

    cost: in milliseconds.
    """

    created: str
    machine: Machine
    checkpoint: str
    gallery: int
    fitted: dict[str, int]
    rarities: tuple[int, ...]
    distinct: tuple[float, ...]
    least: tuple[float, float]
    rates: tuple[Rate, ...]
    telling: tuple[Telling, ...]
    curves: tuple[Curve, ...]
    words: tuple[Word, ...]
    cost: dict[str, Spread]
