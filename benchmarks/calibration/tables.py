"""The report as Markdown: docs/figures/calibration.md, and the sentence of README.md."""

from collections.abc import Sequence
from typing import Final

from benchmarks.calibration.report import Rate, Report
from benchmarks.tables import number, table
from model.calibration import SMALL

CHART: Final = "calibration.svg"


def markdown(report: Report) -> str:
    """Return the whole report."""
    parts = [
        _head(report),
        _section("How often nothing is said", _ABOUT_RATES, _rates(report.rates)),
        _section("What tells the subject from something else", _ABOUT_TELLING, _telling(report)),
        _section("How well the chances hold", _ABOUT_CURVES, _curves(report)),
        _section("The curve", _ABOUT_CURVE, _curve(report)),
    ]
    if report.words:
        parts.append(_section("What the words promise", _ABOUT_WORDS, _words(report)))
    parts.append(_section("What it costs", _ABOUT_COST, _cost(report)))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def summary(report: Report) -> str:
    """Return what README.md says of it."""
    wrong, right = pooled(report.rates, right=False), pooled(report.rates, right=True)
    small = pooled(report.rates, right=True, small=True)
    return (
        f"Of {wrong.count:,} photographs of bridges {_percent(wrong.said)} were told so, wrongly; "
        f"of {right.count:,} pictures of something else {_percent(right.said)}, rightly. Of small "
        f"ones, under {SMALL} pixels, only {_percent(small.said)} were. None of them helped to "
        "calibrate it, nor any other of their kinds.\n"
    )


def pooled(rates: Sequence[Rate], *, right: bool, small: bool = False) -> Rate:
    """Return the rate over all kinds of which it should be said, or should not."""
    of = [each for each in rates if each.right == right and each.small == small]
    count = sum(each.count for each in of)
    said = sum(each.said * each.count for each in of) / max(count, 1)
    return Rate(kind="all", right=right, small=small, count=count, said=said, low=0.0, high=1.0)


def _head(report: Report) -> str:
    machine = report.machine
    fitted = ", ".join(f"{count:,} of {kind}" for kind, count in report.fitted.items())
    usual, small = report.least
    lines = [
        "# Calibration",
        "",
        "Written by `python -m benchmarks.calibration PHOTOS --publish`. What is published here "
        "was measured on pictures of other kinds than those that fitted; which are which is in "
        "`benchmarks/calibration/kinds.py`. The photographs may not be published.",
        "",
        f"![How often nothing is said]({CHART})",
        "",
        f"- Bundle: checkpoint {report.checkpoint[:12]}, gallery of {report.gallery:,} pictures",
        f"- Fitted on: {fitted}",
        f"- Border: {usual:.3f} closer to the gallery than to pictures in general; "
        f"{small:.3f} for pictures of less than {SMALL} pixels",
        f"- Machine: {machine.cpu}, {machine.cores} cores, {machine.system}; load before the start "
        f"{machine.load:.2f}",
        f"- When: {report.created}",
    ]
    return "\n".join(lines)


def _rates(rates: Sequence[Rate]) -> str:
    rows = [
        (
            each.kind,
            f"under {SMALL} px" if each.small else "",
            f"{each.count:,}",
            "rightly" if each.right else "wrongly",
            _percent(each.said),
            f"{_percent(each.low)} to {_percent(each.high)}",
        )
        for each in rates
    ]
    return table(
        ("pictures of", "", "pictures", "", "said", "95 % interval"), rows, right={2, 4, 5}
    )


def _telling(report: Report) -> str:
    rows = [(each.name, f"{each.sharp:.3f}", f"{each.small:.3f}") for each in report.telling]
    return table(("", "larger", f"under {SMALL} px"), rows, right={1, 2})


def _curves(report: Report) -> str:
    rarities = list(report.curves[0].times) if report.curves else []
    heads = ["pictures of", "pairs", *(f"1 in {rarity:,}" for rarity in rarities)]
    rows = [
        [each.kind, f"{each.pairs:,}", *(f"{each.times[rarity]:.2f}" for rarity in rarities)]
        for each in report.curves
    ]
    return table(heads, rows, right=set(range(1, len(heads))))


def _curve(report: Report) -> str:
    pairs = zip(report.rarities, report.distinct, strict=True)
    rows = [(f"1 in {rarity:,}", f"{value:.2f}") for rarity, value in pairs]
    return table(("chance", "spreads above the middle"), rows, right={0, 1})


def _words(report: Report) -> str:
    rows = [
        (each.queries, each.word, f"{each.matches:,.1f}", _percent(each.same))
        for each in report.words
    ]
    return table(("searched with", "", "matches of each", "of its type"), rows, right={2, 3})


def _cost(report: Report) -> str:
    rows = [
        (name, number(each.median), f"{number(each.low)} to {number(each.high)}")
        for name, each in report.cost.items()
    ]
    return table(("", "ms", "lowest to highest"), rows, right={1, 2})


def _section(title: str, about: str, body: str) -> str:
    return f"## {title}\n\n{about}\n\n{body}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share == 0 or share >= 0.095 else f"{100 * share:.1f} %"


_ABOUT_RATES: Final = (
    "The border is where at most 5 % of the photographs of bridges that fitted are lost, with 95 % "
    "confidence. Pictures of less than 192 pixels on their longer side have a border of their own: "
    "they are blurred when they are enlarged, and blurred pictures look less like anything. Some "
    "landscapes and streets do show a bridge. Intervals are Wilson's."
)
_ABOUT_TELLING: Final = (
    "Areas under the ROC curve, over all kinds above: 1 tells all, 0.5 nothing. Text and noise "
    "have no small pictures. Only the last number is used: the mean similarity of the nearest five "
    "of the gallery, less that of the nearest four of 64 general directions."
)
_ABOUT_CURVES: Final = (
    "A chance is that of a picture of something else. So of all pairs of such a picture with one "
    "of the gallery, one in a thousand should have a chance of at most one in a thousand. Told is "
    "how many do, of those that should: 1 is right, 2 is twice as many."
)
_ABOUT_CURVE: Final = (
    "How far above the middle of a query's similarities, in spreads, one of so many pictures of "
    "something else lies. A normal distribution would have one in 30,000 at 4. From 1 in 10 on it "
    "is a generalised Pareto distribution, fitted by probability-weighted moments."
)
_ABOUT_WORDS: Final = (
    "The type of the bridge that is searched with is compared with those of its matches: of every "
    "picture of the gallery, and of photographs of two kinds (any type of arch bridge is right for "
    "an arch bridge). No type was used to fit anything."
)
_ABOUT_COST: Final = "Milliseconds on one thread, for the gallery above; medians of 50."
