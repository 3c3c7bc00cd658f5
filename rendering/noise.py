"""Smooth random fields, the raw material of terrain and forests."""

from functools import lru_cache

import numpy as np

from rendering.mesh import Floats


def value_noise(x: Floats, y: Floats, seed: int) -> Floats:
    """Return smooth noise in [-1, 1] with features of about one unit."""
    table = lattice(seed)
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    u, v = fade(x - column), fade(y - row)
    left, right = column % 256, (column + 1) % 256
    low, high = row % 256, (row + 1) % 256
    lower = table[low, left] * (1 - u) + table[low, right] * u
    upper = table[high, left] * (1 - u) + table[high, right] * u
    return lower * (1 - v) + upper * v


@lru_cache(maxsize=256)
def lattice(seed: int) -> Floats:
    """Return the random values at lattice points; they repeat after 256 units."""
    return np.random.default_rng([seed, 77]).uniform(-1, 1, (256, 256))


def fade(t: Floats) -> Floats:
    """Ease between lattice points so that slopes match there."""
    return t * t * t * (t * (t * 6 - 15) + 10)


def fractal_noise(x: Floats, y: Floats, seed: int, octaves: int = 5) -> Floats:
    """Add finer and weaker noise to coarse noise, each octave turned against the last."""
    total = np.zeros(np.broadcast(x, y).shape)
    strength = 1.0
    for octave in range(octaves):
        total += strength * value_noise(x, y, seed + octave)
        x, y = 1.6 * x - 1.2 * y + 17.3, 1.2 * x + 1.6 * y - 9.1
        strength *= 0.5
    return total / 1.9
