"""Something that is watched for a while, as an SVG curve over time."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from benchmarks.svg import EDGE, WIDTH, document, line, short, text

_LEFT: Final = EDGE + 56
_RIGHT: Final = WIDTH - EDGE
_TOP, _BOTTOM = 96, 300


class Curve(NamedTuple):
    """points: seconds since the beginning, and what was measured then. told: in words."""

    title: str
    unit: str
    points: Sequence[tuple[float, float]]
    told: str


def draw(curve: Curve) -> str:
    """Return the curve as an SVG document; its scale begins at 0."""
    longest = max(at for at, _ in curve.points) or 1.0
    high = _ceiling(max(value for _, value in curve.points))
    body = [*_levels(high), *_minutes(longest), _path(curve.points, longest, high)]
    return document(curve.title, curve.unit, curve.told, body, _BOTTOM + 44)


def _ceiling(value: float) -> float:
    step = 10.0 ** math.floor(math.log10(value or 1.0))
    return next(step * part for part in (1, 2, 2.5, 5, 10) if step * part >= value)


def _levels(high: float) -> list[str]:
    found = []
    for part in range(5):
        y = _y(high * part / 4, high)
        found.append(line(_LEFT, y, _RIGHT, y, "grid"))
        found.append(text(EDGE, y + 4, short(high * part / 4), "soft"))
    return found


def _minutes(longest: float) -> list[str]:
    unit, name = (60.0, "min") if longest >= 300 else (1.0, "s")
    ticks = [longest * part / 4 for part in range(5)]
    places = ((_x(tick, longest), f"{tick / unit:.0f} {name}") for tick in ticks)
    return [text(x, _BOTTOM + 22, words, "soft", anchor="middle") for x, words in places]


def _path(points: Sequence[tuple[float, float]], longest: float, high: float) -> str:
    places = " ".join(f"{_x(at, longest):.1f},{_y(value, high):.1f}" for at, value in points)
    return (
        f'<polyline points="{places}" fill="none" stroke="var(--accent)" stroke-width="1.75" '
        'stroke-linejoin="round"/>'
    )


def _x(at: float, longest: float) -> float:
    return _LEFT + at / longest * (_RIGHT - _LEFT - 20)


def _y(value: float, high: float) -> float:
    return _BOTTOM - value / high * (_BOTTOM - _TOP)
