"""The model card: what the bundle says of its model and its gallery, in the words of a page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from app.live import Snapshot
from model.bundle import ModelInfo
from model.gallery import Gallery, Record

_CHUNK: Final = 1000

# What the names in the manifest mean to a reader. Names that are not here are shown as they are.
_TRAINED: Final = {
    "pictures": "Pictures trained on",
    "epochs": "Times each was seen",
    "steps": "Training steps",
    "batch_size": "Pictures in a step",
    "learning_rate": "Learning rate",
    "precision": "Arithmetic",
    "seconds": "Seconds of training",
    "seed": "Seed",
}
_MEASURES: Final = {
    "P@1": "The nearest picture is right",
    "P@5": "Of the nearest five are right",
    "mAP": "Mean average precision, over queries",
    "macro_mAP": "Mean average precision, over bridges",
}


@dataclass(frozen=True)
class Card:
    """What the about page tells. Pairs are (label, text)."""

    model: ModelInfo
    created: str
    title: str
    count: int
    trained: list[tuple[str, str]]
    measures: list[tuple[str, str]]
    licences: list[tuple[str, int]]
    makers: list[tuple[str, int]]


def card(snapshot: Snapshot) -> Card:
    """Gather the card of the bundle that is served."""
    manifest = snapshot.bundle.manifest
    licences, makers = _rights(snapshot.gallery)
    return Card(
        model=manifest.model,
        created=manifest.created[:10],
        title=manifest.gallery.title if manifest.gallery else "",
        count=snapshot.count,
        trained=_labelled(manifest.model.trained, _TRAINED),
        measures=_labelled(manifest.model.measures, _MEASURES),
        licences=licences,
        makers=makers,
    )


def _labelled(values: dict[str, Any], names: dict[str, str]) -> list[tuple[str, str]]:
    known = sorted(
        values, key=lambda name: (list(names).index(name) if name in names else 99, name)
    )
    return [(names.get(name, name.replace("_", " ")), _text(values[name])) for name in known]


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
