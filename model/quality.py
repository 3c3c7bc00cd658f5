"""What is told of a model's quality: measured figures with their intervals, and its worst queries.

The bundle's manifest carries them for the model card; `model/evaluation/` makes them.
"""

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A measured figure, with the bounds of its 95 % intervals.

    low, high: when the queries are drawn again. label_low, label_high: when whole labels are, with
    all of their queries; None where there are too few labels for that to mean something.
    """

    value: float
    low: float
    high: float
    label_low: float | None = None
    label_high: float | None = None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One method beside the others.

    figures: by the names of a measured set and of a metric, such as "same_bridge mAP".
    milliseconds: to describe one picture on one core; None where nobody took the time.
    bytes: of what is kept of a picture; None where nothing is kept. note: what to know about it.
    """

    method: str
    figures: dict[str, Figure]
    milliseconds: float | None = None
    bytes: int | None = None
    note: str = ""


class Weak(msgspec.Struct, frozen=True, kw_only=True):
    """A query that went badly: its file's name, its label, and what came first instead.

    rank: of the first picture that should have come first, from 1.
    """

    name: str
    label: str
    average_precision: float
    rank: int
    instead: str
    reason: str = ""
