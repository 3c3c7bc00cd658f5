"""How often "nothing" was said, kind by kind, as an SVG."""

from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.calibration.report import Rate
from benchmarks.svg import EDGE, WIDTH, document, line, rectangle, text
from model.calibration import SMALL

_LEFT: Final = 292
_RIGHT: Final = WIDTH - 92
_TOP: Final = 96
_STEP: Final = 25
_BAR: Final = 14
_GAP: Final = 34


def draw(rates: Sequence[Rate]) -> str:
    """Return the chart of the larger pictures: where it is said wrongly, then where rightly."""
    shown = [each for each in rates if not each.small]
    body, top = list[str](), float(_TOP)
    for right, title in ((False, "Bridges: it should not be said"), (True, "Something else")):
        of = [each for each in shown if each.right == right]
        body += [text(EDGE, top, title, "group"), *_bars(of, top + 14)]
        top += 14 + len(of) * _STEP + _GAP
    told = "; ".join(f"{each.kind}: {100 * each.said:.0f} %" for each in shown)
    below = f"share of pictures of {SMALL} pixels and more that were told so; 95 % intervals"
    title = "How often “nothing here looks like your picture” is said"
    return document(title, below, f"{told}.", body, top)


def _bars(rates: Sequence[Rate], top: float) -> Iterator[str]:
    for place, each in enumerate(rates):
        y = top + place * _STEP
        yield text(EDGE, y + 11, each.kind)
        yield line(_LEFT, y, _LEFT, y + _BAR, "grid")
        kind = "bar mine" if each.right else "bar"
        yield rectangle(_LEFT, y, max(1.0, _at(each.said) - _LEFT), _BAR, kind)
        yield line(_at(each.low), y + _BAR / 2, _at(each.high), y + _BAR / 2, "range")
        yield text(_RIGHT + 14, y + 11, f"{100 * each.said:.0f} %")


def _at(share: float) -> float:
    return _LEFT + share * (_RIGHT - _LEFT)
