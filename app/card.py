"""The model card: what the bundle says of its model and its gallery, in the words of a page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from app.live import Snapshot
from app.texts import gettext
from app.vocabulary import of_measures
from app.words import number, significant
from model.bundle import ModelInfo
from model.calibration import FEWEST, SMALL
from model.gallery import Gallery, Record
from model.quality import Figure
from model.sentences import N_

_CHUNK: Final = 1000

# What the names in the manifest mean to a reader, in the order of telling. Names that are not here
# come last and are shown as they are.
_TRAINED: Final = {
    "data": N_("Trained on"),
    "own photos": N_("Tried on these pictures"),
    "after the recipes": N_("Recipes before this one"),
    "adapted from": N_("Adapted from the checkpoint"),
    "teacher": N_("Taught by"),
    "pictures": N_("Pictures"),
    "evaluation pictures": N_("Put aside to evaluate"),
    "epochs": N_("Times each was seen"),
    "steps": N_("Training steps"),
    "batch size": N_("Pictures in a step"),
    "learning rate": N_("Learning rate"),
    "precision": N_("Arithmetic"),
    "seconds": N_("Seconds of training"),
    "seed": N_("Seed"),
}
# What `evaluate --record NAME` writes is NAME and one of the first five.
_MEASURES: Final = {
    "queries": N_("pictures searched with"),
    "P@1": N_("the nearest is right"),
    "P@5": N_("of the nearest five are right"),
    "P@R": N_("right among the nearest, of as many as there are"),
    "mAP": N_("mean average precision, over pictures"),
    "macro_mAP": N_("the same, each group counting once"),
    "loss": N_("squared error of redrawing"),
    "PSNR": N_("redrawing, in dB"),
    "cosine": N_("likeness to the teacher"),
    "neighbours_kept": N_("of the ten nearest are the same as before"),
    "agreement": N_("likeness of its embeddings to those of float32"),
    "effective_rank": N_("axes that the embeddings fill"),
    "dead_units": N_("share of the code that is always 0"),
    "uniformity": N_("how evenly embeddings are spread; lower is better"),
    "alignment": N_("distance of a picture's mirrored middle, squared"),
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


class Told(NamedTuple):
    """What the bundle tells under one label. english: whether the text is the bundle's own."""

    label: str
    text: str
    english: bool


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
    trained: list[Told]
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
        sets=[_measured(name) for name in _sets(manifest.model)],
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


def _trained(values: dict[str, Any]) -> list[Told]:
    names = [*_TRAINED, *sorted(values.keys() - _TRAINED.keys())]
    return [
        Told(gettext(_TRAINED.get(name, name)), _text(value), isinstance(value, str))
        for name in names
        if (value := values.get(name)) is not None
    ]


def _sets(model: ModelInfo) -> list[str]:
    names = (name.rpartition(" ")[0] for each in model.compared for name in each.figures)
    return list(dict.fromkeys(names))


def _comparisons(model: ModelInfo) -> list[Comparison]:
    wanted = [f"{name} {column}" for name in _sets(model) for column in _COLUMNS]
    return [
        Comparison(
            method=_measured(each.method),
            figures=[each.figures.get(name) for name in wanted],
            milliseconds="" if each.milliseconds is None else _text(each.milliseconds),
            bytes="" if each.bytes is None else _text(each.bytes),
            note=of_measures(each.note),
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
        words = gettext(_MEASURES.get(metric, metric))
        label = f"{_measured(of)}: {words}" if of else words
        place = order.index(metric) if metric in order else len(order)
        told.append((of, place, label, number(value) if metric == "queries" else _text(value)))
    return [(label, text) for _, _, label, text in sorted(told)]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int):
        return number(value)
    return significant(value) if isinstance(value, float) else str(value)


def _measured(name: str) -> str:
    """Return what was measured, or measured on, in words; unknown names stay as they are."""
    return of_measures(name.replace("_", " "))


@lru_cache(maxsize=1)
def _rights(gallery: Gallery) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Count who made the pictures and under which licences, "" of those that do not say it.

    The most frequent come first.
    """
    licences: Counter[str] = Counter()
    makers: Counter[str] = Counter()
    for record in _records(gallery):
        licences[record.licence] += 1
        makers[record.credit] += 1
    return licences.most_common(), makers.most_common(20)


def _records(gallery: Gallery) -> Iterator[Record]:
    for offset in range(0, gallery.count, _CHUNK):
        yield from gallery.page(offset, _CHUNK)
