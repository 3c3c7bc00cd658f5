"""Shares types, settings and lights out evenly over the bridges of a gallery."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from rendering.light import LIGHTS

FRIENDLY = ("noon", "low sun", "dusk")
FROM_ABOVE = ("noon", "low sun", "overcast")  # fog hides the ground, dusk and night show little
SHARED = 3  # bridges of a type, of four views each, that use every light twice together


@cache
def chosen_settings(allowed: tuple[tuple[str, ...], ...], count: int) -> tuple[str, ...]:
    """Return a setting for each of the first `count` bridges; types take turns.

    `allowed` holds the settings that suit each type. A bridge gets the one of them that was seen
    least so far, first with its type and then at all, so the first bridges stay as they are when
    more are made. The settings that are shared by few types come first where all is equal.
    """
    seen: Counter[str] = Counter()
    of_type: Counter[tuple[int, str]] = Counter()
    chosen = []
    for seed in range(count):
        kind = seed % len(allowed)
        order = np.random.default_rng([seed, 13]).permutation(len(allowed[kind]))
        options = [allowed[kind][i] for i in order]
        best = min(options, key=lambda s: seen[s] + 2 * of_type[kind, s])
        seen[best] += 1
        of_type[kind, best] += 1
        chosen.append(best)
    return tuple(chosen)


def setting_of(seed: int, settings: Mapping[str, Sequence[str]]) -> str:
    """Return the setting of one bridge; `settings` names those that suit each type."""
    allowed = tuple(tuple(names) for names in settings.values())
    size = 512 * (1 + seed // 512)  # few sizes, so that the cache helps
    return chosen_settings(allowed, size)[seed]


def light_names(seed: int, count: int, types: int) -> list[str]:
    """Return the light of each view of a bridge: none twice, and all equally often in the end.

    `types` of bridges take turns, and each goes through the lights by itself.

    The first view has a friendly light, the second (from the air) one that shows the ground if any
    is left, and night comes last, when the water is seen again.
    """
    turn, kind = divmod(seed, types)
    cycle = np.random.default_rng([turn // SHARED, 12]).permutation(list(LIGHTS))
    start = turn % SHARED * count + kind
    names = [str(cycle[(start + n) % len(cycle)]) for n in range(count)]
    first = next((n for n in names if n in FRIENDLY), names[0])
    names.remove(first)
    names.sort(key=lambda name: name == "night")
    above = next((n for n in names if n in FROM_ABOVE), names[0]) if names else None
    return [first, *(n for n in names if n == above), *(n for n in names if n != above)]
