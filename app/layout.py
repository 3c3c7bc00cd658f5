"""Rows of equal height that fill the width, with nothing cropped, and no inline style.

A picture's place in a row depends on its aspect ratio. Style attributes are not allowed here (see
headers.py), so the ratio is a class, and the rules for all classes are one generated stylesheet.
"""

from typing import Final

# In hundredths: steps of one up to 2.5 : 1, where pictures are common, then of 1 per cent.
_FINE: Final = range(30, 251)
_COARSE: Final = tuple(round(250 * 1.01**step) for step in range(1, 118))
_RATIOS: Final = (*_FINE, *_COARSE)


def aspect(width: int, height: int) -> str:
    """Return the class for a picture's ratio; beyond 3:10 and 8:1 all share the last."""
    wanted = 100 * width / height
    if wanted <= _FINE[-1]:
        return f"aspect-{max(round(wanted), _FINE[0])}"
    return f"aspect-{min(_RATIOS, key=lambda ratio: abs(ratio - wanted))}"


def stylesheet() -> str:
    """Return one rule for each class.

    A picture fills its place, at most half a per cent narrower or wider than it is, which nobody
    sees; only what is slimmer or wider than the last classes gets a margin instead.
    """
    rules = [f".aspect-{ratio}{{--aspect:{ratio / 100:g}}}" for ratio in _RATIOS]
    slimmest, widest = (f".frame:is(.aspect-{ratio} *) img" for ratio in (_RATIOS[0], _RATIOS[-1]))
    return "\n".join([*rules, f"{slimmest},{widest}{{object-fit:contain}}", ""])
