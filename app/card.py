"""The model card: what the bundle says of its model and its gallery, in the words of a page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from app.live import Snapshot
from model.bundle import ModelInfo
from model.calibration import FEWEST, SMALL
from model.gallery import Gallery, Record
from model.quality import Figure

_CHUNK: Final = 1000

# What the names in the manifest mean to a reader, in the order of telling. Names that are not here
# come last and are shown as they are.
_TRAINED: Final = {
    "data": "Trained on",
    "own photos": "Tried on these pictures",
    "after the recipes": "Recipes before this one",
    "adapted from": "Adapted from the checkpoint",
    "teacher": "Taught by",
    "pictures": "Pictures",
    "evaluation pictures": "Put aside to evaluate",
    "epochs": "Times each was seen",
    "steps": "Training steps",
    "batch size": "Pictures in a step",
    "learning rate": "Learning rate",
    "precision": "Arithmetic",
    "seconds": "Seconds of training",
    "seed": "Seed",
}
# What `evaluate --record NAME` writes is NAME and one of the first five.
_MEASURES: Final = {
    "queries": "pictures searched with",
    "P@1": "the nearest is right",
    "P@5": "of the nearest five are right",
    "P@R": "right among the nearest, of as many as there are",
    "mAP": "mean average precision, over pictures",
    "macro_mAP": "the same, each group counting once",
    "loss": "squared error of redrawing",
    "PSNR": "redrawing, in dB",
    "cosine": "likeness to the teacher",
    "neighbours_kept": "of the ten nearest are the same as before",
    "agreement": "likeness of its embeddings to those of float32",
    "effective_rank": "axes that the embeddings fill",
    "dead_units": "share of the code that is always 0",
    "uniformity": "how evenly embeddings are spread; lower is better",
    "alignment": "distance of a picture's mirrored middle, squared",
}


# What `python -m benchmarks.calibration` writes; a section of its own tells it.
_NOTHING: Final = {
    "nothing wrongly",
    "nothing wrongly_of",
    "nothing rightly",
    "nothing rightly_of",
}

# The figures of a set that the table shows, in the order of its columns.
_COLUMNS: Final = ("P@1", "P@5", "mAP")


@dataclass(frozen=True)
class Comparison:
    """One row of the table: a method, its figures set by set (None where it has none), its cost."""

    method: str
    figures: list[Figure | None]
    milliseconds: str
    bytes: str
    note: str


@dataclass(frozen=True)
class Nothing:
    """How often "nothing looks like it" was wrong and right, 0 to 1, and of how many pictures.

    fewest: pictures that a gallery must have for it to be said. small: pixels below which a picture
    tells less.
    """

    wrongly: float
    rightly: float
    bridges: int
    others: int
    fewest: int = FEWEST
    small: int = SMALL


@dataclass(frozen=True)
class Card:
    """What the about page tells. Pairs are (label, text).

    sets: what the comparisons were measured on, each with three columns. nothing: None of a model
    that nobody calibrated.
    """

    model: ModelInfo
    created: str
    title: str
    count: int
    trained: list[tuple[str, str]]
    measures: list[tuple[str, str]]
    sets: list[str]
    comparisons: list[Comparison]
    licences: list[tuple[str, int]]
    makers: list[tuple[str, int]]
    nothing: Nothing | None


def card(snapshot: Snapshot) -> Card:
    """Gather the card of the bundle that is served."""
    manifest = snapshot.bundle.manifest
    licences, makers = _rights(snapshot.gallery)
    return Card(
        model=manifest.model,
        created=manifest.created[:10],
        title=manifest.gallery.title if manifest.gallery else "",
        count=snapshot.count,
        trained=_trained(manifest.model.trained),
        measures=_measures(manifest.model),
        sets=[name.replace("_", " ") for name in _sets(manifest.model)],
        comparisons=_comparisons(manifest.model),
        licences=licences,
        makers=makers,
        nothing=_nothing(snapshot),
    )


def _nothing(snapshot: Snapshot) -> Nothing | None:
    told = snapshot.bundle.manifest.model.measures
    if snapshot.bundle.calibration is None or not told.keys() >= _NOTHING:
        return None
    return Nothing(
        wrongly=told["nothing wrongly"],
        rightly=told["nothing rightly"],
        bridges=int(told["nothing wrongly_of"]),
        others=int(told["nothing rightly_of"]),
    )


def _trained(values: dict[str, Any]) -> list[tuple[str, str]]:
    names = [*_TRAINED, *sorted(values.keys() - _TRAINED.keys())]
    return [(_TRAINED.get(name, name), _text(values[name])) for name in names if name in values]


def _sets(model: ModelInfo) -> list[str]:
    names = (name.rpartition(" ")[0] for each in model.compared for name in each.figures)
    return list(dict.fromkeys(names))


def _comparisons(model: ModelInfo) -> list[Comparison]:
    wanted = [f"{name} {column}" for name in _sets(model) for column in _COLUMNS]
    return [
        Comparison(
            method=each.method,
            figures=[each.figures.get(name) for name in wanted],
            milliseconds="" if each.milliseconds is None else _text(each.milliseconds),
            bytes="" if each.bytes is None else _text(each.bytes),
            note=each.note,
        )
        for each in model.compared
    ]


def _measures(model: ModelInfo) -> list[tuple[str, str]]:
    """Tell "same_bridge P@1" as "same bridge: the nearest is right", set by set.

    What the table of comparisons shows is left to it.
    """
    order = list(_MEASURES)
    shown = {f"{name} {column}" for name in _sets(model) for column in _COLUMNS}
    told = []
    for name, value in model.measures.items():
        if name in shown | _NOTHING:
            continue
        of, _, metric = name.rpartition(" ")
        words = _MEASURES.get(metric, metric)
        label = f"{of.replace('_', ' ')}: {words}" if of else words
        place = order.index(metric) if metric in order else len(order)
        told.append((of, place, label, f"{value:,.0f}" if metric == "queries" else _text(value)))
    return [(label, text) for _, _, label, text in sorted(told)]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.3g}" if isinstance(value, float) else str(value)


@lru_cache(maxsize=1)
def _rights(gallery: Gallery) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Count who made the pictures and under which licences, most frequent first."""
    licences: Counter[str] = Counter()
    makers: Counter[str] = Counter()
    for record in _records(gallery):
        licences[record.licence or "Not stated"] += 1
        makers[record.credit or "Not stated"] += 1
    return licences.most_common(), makers.most_common(20)


def _records(gallery: Gallery) -> Iterator[Record]:
    for offset in range(0, gallery.count, _CHUNK):
        yield from gallery.page(offset, _CHUNK)
