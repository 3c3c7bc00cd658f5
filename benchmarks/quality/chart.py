"""mAP against the numbers that are kept of an embedding, as an SVG."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.svg import EDGE, WIDTH, document, line, text
from model.evaluation.measuring import Shortened

_LEFT: Final = EDGE + 44
_RIGHT: Final = WIDTH - 190  # names stand behind the ends of their curves
_TOP: Final = 96
_BOTTOM: Final = 356
_COLOURS: Final = 5  # of the shared style, --s1 to --s5
_APART: Final = 17  # pixels at least between two names


def draw(found: Sequence[Shortened]) -> str:
    """Return the chart: a curve for each set."""
    names = list(dict.fromkeys(each.name for each in found))
    curves = {name: [each for each in found if each.name == name] for name in names}
    dimensions = sorted({each.dimensions for each in found})
    highest = max(each.figure.value for each in found)
    top = min(1.0, math.ceil(10 * highest + 0.5) / 10)
    places = {number: _across(number, dimensions) for number in dimensions}
    body = [*_grid(top, places)]
    for place, points in enumerate(curves.values(), start=1):
        body += _curve(points, places, top, min(place, _COLOURS))
    body += _names(curves, places[dimensions[-1]], top)
    told = "; ".join(
        f"{each.name}, {each.dimensions} numbers: {each.figure.value:.3f}" for each in found
    )
    below = "mAP by D, the numbers of an embedding that are compared; more is better"
    return document("What fewer numbers cost", below, f"{told}.", body, _BOTTOM + 44)


def _across(number: int, dimensions: Sequence[int]) -> float:
    least, most = math.log2(dimensions[0]), math.log2(dimensions[-1])
    share = (math.log2(number) - least) / ((most - least) or 1)
    return _LEFT + share * (_RIGHT - _LEFT)


def _up(value: float, top: float) -> float:
    return _BOTTOM - value / top * (_BOTTOM - _TOP)


def _grid(top: float, places: dict[int, float]) -> Iterator[str]:
    for tenth in range(0, round(10 * top) + 1, 1 if top <= 0.5 else 2):
        y = _up(tenth / 10, top)
        yield line(_LEFT, y, _RIGHT, y, "grid")
        yield text(_LEFT - 20, y + 4, f"{tenth / 10:.1f}", "soft", anchor="middle")
    for number, x in places.items():
        yield text(x, _BOTTOM + 20, f"{number}", "soft", anchor="middle")


def _curve(
    points: Sequence[Shortened], places: dict[int, float], top: float, colour: int
) -> Iterator[str]:
    spots = [(places[each.dimensions], _up(each.figure.value, top)) for each in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    stroke = f"fill: none; stroke: var(--s{colour}); stroke-width: 2"
    yield f'<polyline points="{path}" style="{stroke}"/>'
    for x, y in spots:
        yield _dot(x, y, colour)


def _names(curves: dict[str, list[Shortened]], x: float, top: float) -> Iterator[str]:
    """Write each name at its curve's end, pushed down where another one stands there."""
    ends = sorted((_up(points[-1].figure.value, top), name) for name, points in curves.items())
    free = 0.0
    for y, name in ends:
        at = max(y + 4.5, free)
        free = at + _APART
        colour = min(list(curves).index(name) + 1, _COLOURS)
        yield _dot(x + 18, at - 4.5, colour)
        yield text(x + 28, at, f"{name} {curves[name][-1].figure.value:.3f}")


def _dot(x: float, y: float, colour: int) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" style="fill: var(--s{colour})"/>'
