"""The whole measurement: every method on every labelled folder."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.evaluation.describing import Described, describe
from model.evaluation.intervals import figures, mean
from model.evaluation.labelled import Labelled
from model.evaluation.methods import MODEL, RANDOM, Method, Similarities, by_cosine
from model.evaluation.metrics import Searched, search
from model.quality import Figure, Weak
from model.variants import VARIANTS, together, variants


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one method reached on one set.

    figures: by metric; "PSNR", in dB over all pictures, where the method has a decoder.
    near_copies: pictures of the set that are near copies of the method's training pictures; None
    where nobody knows these.
    """

    method: str
    figures: dict[str, Figure]
    near_copies: int | None = 0


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled folder. label: the field of the records, or ""."""

    name: str
    label: str
    pictures: int
    queries: int
    labels: int
    rows: tuple[Row, ...]


class Shortened(msgspec.Struct, frozen=True, kw_only=True):
    """What the bundle's embedding reaches on one set, cut to its leading axes."""

    name: str
    dimensions: int
    figure: Figure


@dataclass
class Outcome:
    """Everything that was measured. worst: of the first set. failed: path and sentence."""

    sets: list[Measured] = field(default_factory=list)
    shortened: list[Shortened] = field(default_factory=list)
    worst: list[Weak] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    copies: dict[str, list[str]] = field(default_factory=dict)


def measure(
    sets: Sequence[Labelled],
    methods: Sequence[Method],
    *,
    dimensions: Sequence[int] = (),
    worst: int = 0,
) -> Outcome:
    """Measure all methods, the bundle's first, on all sets; each folder is read once.

    dimensions: what the bundle's embedding is cut to. worst: how many of the first set's queries
    that went worst to name. Raises FolderError.
    """
    outcome, seen = Outcome(), dict[Path, Described]()
    for chosen in sets:
        label_of = chosen.labeller()
        if chosen.folder not in seen:
            seen[chosen.folder] = describe(chosen.folder, methods)
            _report_files(outcome, seen[chosen.folder])
        described = seen[chosen.folder]
        labels = np.array([label_of(name) for name in described.names])
        first = not outcome.sets
        searched = dict(_searched(described, methods, labels, chosen.fewest))
        outcome.sets.append(_measured(chosen, described, methods, searched))
        outcome.shortened += _shortened(chosen, described, labels, dimensions)
        if first:
            outcome.worst = weakest(described.names, searched[MODEL], worst)
    return outcome


def weakest(names: Sequence[str], searched: Searched, most: int) -> list[Weak]:
    """Return the queries of lowest average precision, the worst first."""
    precisions = searched.values["mAP"]
    return [
        Weak(
            name=names[searched.queries[place]],
            label=str(searched.labels[place]),
            average_precision=float(precisions[place]),
            rank=int(searched.rank[place]),
            instead=names[searched.first[place]],
        )
        for place in np.argsort(precisions, kind="stable")[:most]
    ]


def shorten(vectors: NDArray[np.float32], dimensions: int) -> Similarities:
    """Compare embeddings, float32 (N, D), by their leading numbers: float32 (N, N).

    An embedding's numbers are its places on principal axes, the most important first, so that
    cutting and bringing to unit length again is all it takes.
    """
    return by_cosine(vectors[:, :dimensions])


def _searched(
    described: Described, methods: Sequence[Method], labels: NDArray[np.str_], fewest: int
) -> Iterator[tuple[str, Searched]]:
    for method in methods:
        vectors = np.stack(described.vectors[method.name]).astype(np.float32)
        yield method.name, search(method.compare(vectors), labels, fewest)
        if method.see is not None and described.seen:
            for name, similarities in variants(together(described.seen)):
                yield name, search(similarities, labels, fewest)
    yield RANDOM, search(_random(len(labels)), labels, fewest)


def _measured(
    chosen: Labelled,
    described: Described,
    methods: Sequence[Method],
    searched: Mapping[str, Searched],
) -> Measured:
    of = {method.name: method for method in methods}
    ours = searched[MODEL]
    return Measured(
        name=chosen.name,
        label=chosen.label,
        pictures=len(described.names),
        queries=len(ours.queries),
        labels=len(np.unique(ours.labels)),
        rows=tuple(
            Row(
                method=name,
                figures=figures(found) | _psnr(described, name),
                near_copies=_copies(described, of.get(MODEL if name in VARIANTS else name)),
            )
            for name, found in searched.items()
        ),
    )


def _psnr(described: Described, name: str) -> dict[str, Figure]:
    values = np.array(described.psnr.get(name, []))
    return {"PSNR": mean(values, [np.arange(len(values))])} if len(values) else {}


def _copies(described: Described, method: Method | None) -> int | None:
    if method is None or not method.trained:
        return 0
    return len(described.copies.get(method.name, ())) if method.learned is not None else None


def _shortened(
    chosen: Labelled, described: Described, labels: NDArray[np.str_], dimensions: Sequence[int]
) -> Iterator[Shortened]:
    vectors = np.stack(described.vectors[MODEL])
    for wanted in dimensions:
        if wanted <= vectors.shape[1]:
            found = figures(search(shorten(vectors, wanted), labels, chosen.fewest))["mAP"]
            yield Shortened(name=chosen.name, dimensions=wanted, figure=found)


def _report_files(outcome: Outcome, described: Described) -> None:
    outcome.failed += described.failed
    for name, copies in described.copies.items():
        outcome.copies[name] = outcome.copies.get(name, []) + copies


def _random(count: int) -> Similarities:
    return np.random.default_rng(0).random((count, count), dtype=np.float32)
