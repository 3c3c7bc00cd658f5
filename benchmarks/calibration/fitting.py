"""Fits a calibration: general directions, the border of "nothing", and the curve of chance."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration.seeing import Embeddings, Seen
from model.calibration import RARITIES, Calibration
from model.folders import FolderError

_CENTRES: Final = 64  # of 16 to 256: as good as comparing with every picture that fits
_STEPS: Final = 25
# So few pictures of the subject may be called nothing, at the cautious end of the 95 % interval.
_LOST: Final = 0.05
_CAUTION: Final = 1.96
_PAIRS: Final = 400  # pictures whose similarities to the whole gallery make the curve
_TAIL: Final = 0.1

Values = NDArray[np.float64]


def fit(seen: Sequence[Seen], gallery: Embeddings) -> Calibration:
    """Fit to the kinds that are for it, and to the gallery's embeddings, float32 (N, D).

    Raises FolderError where a kind of pictures is missing without which nothing can be fitted.
    """
    general = _together(seen, "general")
    bare = Calibration(centres(general), (0.0,) * len(RARITIES), (0.0, 0.0))

    def least(pictures: Embeddings, otherwise: float) -> float:
        if not len(pictures):
            return otherwise
        return cautious(bare.closer(pictures, pictures @ gallery.T).astype(np.float64))

    like = [each for each in seen if each.kind.use == "like"]
    _together(seen, "like")
    usual = least(np.concatenate([each.sized(small=False) for each in like]), 0.0)
    small = least(np.concatenate([each.sized(small=True) for each in like]), usual)
    strangers = general[:: -(-len(general) // _PAIRS)]
    return Calibration(bare.centres, curve(distinct(strangers, gallery)), (usual, small))


def centres(embeddings: Embeddings) -> Embeddings:
    """Return the directions in which embeddings lie together: float32 (K, D), unit length.

    Spherical k-means: I. Dhillon and D. Modha, "Concept decompositions for large sparse text data
    using clustering", Machine Learning 42, 2001.
    """
    chance = np.random.default_rng(0)
    found = embeddings[chance.permutation(len(embeddings))[:_CENTRES]]
    for _ in range(_STEPS):
        nearest = (embeddings @ found.T).argmax(axis=1)
        sums = [embeddings[nearest == place].sum(axis=0) for place in range(len(found))]
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        found = np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), found).astype(np.float32)
    return found


def cautious(values: Values) -> float:
    """Return a value that at most 5 % are below, also when others are drawn like these.

    It is the 5 % quantile at the lower end of its 95 % interval, by the normal approximation of how
    many of n values lie below a quantile.
    """
    count = len(values)
    allowed = count * _LOST - _CAUTION * np.sqrt(count * _LOST * (1 - _LOST))
    return float(np.sort(values)[max(0, int(allowed))])


def distinct(pictures: Embeddings, gallery: Embeddings) -> Values:
    """Return how far the gallery's pictures stand out for each picture, in spreads: (B, N)."""
    similarities = (pictures @ gallery.T).astype(np.float64)
    middle = np.median(similarities, axis=1, keepdims=True)
    spread = 1.4826 * np.median(np.abs(similarities - middle), axis=1, keepdims=True)
    return np.asarray((similarities - middle) / spread, np.float64)


def curve(values: Values) -> tuple[float, ...]:
    """Return what one in each of `RARITIES` of the values exceeds, float64 of any shape.

    The rarest tenth is smoothed, and what is rarer than anything seen is foretold, by a generalised
    Pareto distribution: J. Pickands, "Statistical inference using extreme order statistics",
    Annals of Statistics 3, 1975.
    """
    flat = np.sort(values.ravel())
    border = float(np.quantile(flat, 1 - _TAIL))
    shape, scale = pareto(flat[flat > border] - border)
    common = [rarity for rarity in RARITIES if rarity * _TAIL <= 1]
    seen = [float(np.quantile(flat, 1 - 1 / rarity)) for rarity in common]
    rare = [border + beyond(rarity * _TAIL, shape, scale) for rarity in RARITIES[len(common) :]]
    return tuple(round(value, 3) for value in (*seen, *rare))


def pareto(excesses: Values) -> tuple[float, float]:
    """Fit a generalised Pareto distribution to ascending excesses, (n,): its shape and scale.

    By probability-weighted moments: J. Hosking and J. Wallis, "Parameter and quantile estimation
    for the generalized Pareto distribution", Technometrics 29, 1987 (their k is minus the shape).
    """
    count = len(excesses)
    weights = (count - np.arange(1, count + 1) + 0.35) / count
    first, second = excesses.mean(), (weights * excesses).mean()
    apart = first - 2 * second
    return float(2 - first / apart), float(2 * first * second / apart)


def beyond(rarity: float, shape: float, scale: float) -> float:
    """Return what one in `rarity` of a generalised Pareto distribution exceeds."""
    if abs(shape) < 1e-6:
        return scale * float(np.log(rarity))
    return float(scale / shape * (rarity**shape - 1))


def _together(seen: Sequence[Seen], use: str) -> Embeddings:
    """Return all pictures of a use. Raises FolderError without any."""
    found = [each.embeddings for each in seen if each.kind.use == use]
    if not found:
        raise FolderError(f"There are no pictures of the use `{use}`: see kinds.py.")
    return np.concatenate(found)
