"""Which of two encoders serves a folder better, and how to say so."""

from typing import Final

import msgspec

from model.training.finding import Found, Gain, gain, neighbours_kept

# Of the mAP on what the bundle's encoder knew: less than people notice, more than noise.
TOLERATED_LOSS: Final = 0.01


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """adapted: whether the adapted encoder is kept. sentence: why, for people.

    measures: for the manifest. checkpoint: the hash of the one that was published.
    """

    adapted: bool
    sentence: str
    measures: dict[str, float]
    checkpoint: str = ""


def nothing_to_gain(before: Found) -> Verdict:
    """Keep the bundle's encoder where it makes no mistake."""
    return Verdict(
        adapted=False,
        sentence="The bundle's encoder finds every picture by every part of it: it is kept as it "
        "is, for nothing is left to gain.",
        measures=_measures("own photos, before", before),
    )


def judged(before: Found, after: Found, known: tuple[Found, Found] | None) -> Verdict:
    """Compare the bundle's encoder with the adapted one, on the folder and on what it knew."""
    ours = gain(before, after)
    lost = gain(*known) if known else None
    worse = lost is not None and _is_worse(lost)
    kept = neighbours_kept(before, after)
    measures = _measures("own photos, before", before) | _measures("own photos, after", after)
    measures["own photos, after neighbours_kept"] = kept
    if known:
        measures |= _measures("what it knew, before", known[0])
        measures |= _measures("what it knew, after", known[1])
        measures["what it knew, after neighbours_kept"] = neighbours_kept(*known)
    figures = (
        f"with parts of a picture it comes first in {_percent(after)} of the searches, before in "
        f"{_percent(before)}; mAP {after.precision:.3f}, before {before.precision:.3f} "
        f"({_interval(ours)})"
    )
    return Verdict(
        adapted=ours.low > 0 and not worse,
        sentence=f"{_beginning(ours, worse=worse)}: {figures}{_of_known(known, lost)}; "
        f"{kept:.0%} of the ten nearest pictures are the same.",
        measures=measures,
    )


def _is_worse(lost: Gain) -> bool:
    return lost.high < 0 and lost.mean < -TOLERATED_LOSS


def _beginning(ours: Gain, *, worse: bool) -> str:
    if ours.low <= 0:
        return "The bundle's encoder is kept, for the adapted one is no better beyond chance"
    if worse:
        return "The bundle's encoder is kept, for the adapted one is worse on what it knew"
    return "The adapted encoder is better, and is kept"


def _of_known(known: tuple[Found, Found] | None, lost: Gain | None) -> str:
    if known is None or lost is None:
        return ""
    before, after = known
    return (
        f"; on what it knew, the bundle's own gallery, mAP {after.precision:.3f}, before "
        f"{before.precision:.3f} ({_interval(lost)})"
    )


def _measures(name: str, found: Found) -> dict[str, float]:
    return {
        f"{name} queries": float(found.ranks.size),
        f"{name} P@1": found.first,
        f"{name} mAP": found.precision,
    }


def _percent(found: Found) -> str:
    return f"{found.first:.1%}"


def _interval(found: Gain) -> str:
    return f"{found.mean:+.3f}, 95 % interval {found.low:+.3f} to {found.high:+.3f}"
