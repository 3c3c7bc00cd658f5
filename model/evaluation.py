"""Measures retrieval: given one picture, whether the others of the same bridge come first.

Leave-one-out over labelled pictures: one folder per bridge (or type), `_other` for distractors, or
a field of the records beside them. Every picture of a label with at least five pictures is a query
against all the others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.baselines import BASELINES, MissingLibrary, Vector
from model.bundle import BundleError, read_manifest
from model.descriptions import told_in
from model.encoder import Encoder
from model.folders import FolderError, pictures_in
from model.images import ImageError, load
from model.progress import Progress

DISTRACTORS: Final = "_other"
FEWEST: Final = 5
MODEL: Final = "this bundle"
TUTORIAL: Final = "its code, flattened, Euclid"


@dataclass
class Descriptions:
    """One row per picture that could be read: its label, and its vector by each method."""

    labels: list[str] = field(default_factory=list)
    vectors: dict[str, list[Vector]] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)


def evaluate(
    folder: Path, bundle: Path, *, label: str = "", fewest: int = FEWEST
) -> tuple[dict[str, dict[str, float]], Descriptions]:
    """Return the metrics of every method, the bundle's first, and what they were computed from.

    label: the field of the records that labels a picture, such as "group"; "" for its folder.
    fewest: pictures of a label for its pictures to be queries.

    Raises FolderError, and BundleError for a bundle without a usable encoder.
    """
    described = describe_folder(folder, bundle, label=label)
    labels = np.array(described.labels)
    rows = {
        name: dict(metrics(_similarities(name, described), labels, fewest))
        for name in described.vectors
    }
    rows["random"] = dict(metrics(_random(len(labels)), labels, fewest))
    return rows, described


def describe_folder(folder: Path, bundle: Path, *, label: str = "") -> Descriptions:
    """Load every picture once and describe it by the bundle's encoder and by each baseline."""
    encoder = Encoder(_encoder_of(bundle), threads=2)
    files = pictures_in(folder)
    label_of = _labeller(folder, label)
    described, progress = Descriptions(), Progress("described", len(files))
    for path in files:
        name = path.relative_to(folder).as_posix()
        try:
            pixels = load(path).pixels
        except (ImageError, OSError) as error:
            described.failed.append((name, str(error)))
            progress.note(f"{name}: {error}")
        else:
            _describe(described, encoder, pixels)
            described.labels.append(label_of(name))
        progress.step()
    progress.finish()
    return described


def metrics(
    similarities: NDArray[np.float32], labels: NDArray[np.str_], fewest: int = FEWEST
) -> Iterator[tuple[str, float]]:
    """Yield each metric of a similarity matrix, float32 (N, N), higher is nearer.

    P@k is the share of the first k that have the query's label; mAP the mean of the average
    precision over all queries; macro_mAP its mean over labels, each counting once.
    """
    queries = _queries(labels, fewest)
    yield "queries", float(len(queries))
    hits = [_hits(similarities[query], labels, query) for query in queries]
    precisions = np.array([_average_precision(hit) for hit in hits])
    for k in (1, 5):
        yield f"P@{k}", float(np.mean([hit[:k].mean() for hit in hits])) if hits else 0.0
    yield "mAP", float(precisions.mean()) if hits else 0.0
    of = labels[queries]
    each = [precisions[of == label].mean() for label in np.unique(of)]
    yield "macro_mAP", float(np.mean(each)) if each else 0.0


def table(rows: dict[str, dict[str, float]], missing: dict[str, str]) -> str:
    """Lay the metrics out as a Markdown table, one method a row."""
    names = list(next(iter(rows.values())))
    lines = [f"| method | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    for method, row in rows.items():
        cells = [f"{row[name]:.0f}" if name == "queries" else f"{row[name]:.3f}" for name in names]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    lines += [f"| {method} | {why} |{' |' * (len(names) - 1)}" for method, why in missing.items()]
    return "\n".join(lines)


def _encoder_of(bundle: Path) -> Path:
    """Return the encoder's file; an index is not needed here."""
    path = bundle / read_manifest(bundle).files["encoder"].name
    if not path.is_file():
        raise BundleError("encoder", f"The bundle {bundle} lacks {path.name}.", "export it again.")
    return path


def _labeller(folder: Path, label: str) -> Callable[[str], str]:
    """Return what tells the label of a picture by its path relative to the folder."""
    if not label:
        return lambda name: name.split("/")[0]
    told = told_in(folder)
    if not any(label in fields for fields in told.values()):
        raise FolderError(f"No record beside the pictures in {folder} has the field `{label}`.")
    return lambda name: str(told.get(name, {}).get(label, DISTRACTORS))


def _describe(described: Descriptions, encoder: Encoder, pixels: NDArray[np.uint8]) -> None:
    encoded = encoder.encode(pixels[np.newaxis])
    found = {MODEL: encoded.embedding[0], TUTORIAL: encoded.code.ravel()}
    for name, baseline in BASELINES.items():
        try:
            found[name] = baseline(pixels)
        except MissingLibrary as error:
            described.missing[name] = str(error)
    for name, vector in found.items():
        described.vectors.setdefault(name, []).append(vector)


def _similarities(name: str, described: Descriptions) -> NDArray[np.float32]:
    """Return float32 (N, N): the dot product of unit vectors, or minus the squared distance."""
    vectors = np.stack(described.vectors[name]).astype(np.float32)
    if name == TUTORIAL:
        squares = (vectors**2).sum(axis=1)
        return np.asarray(2 * vectors @ vectors.T - squares[:, None] - squares[None], np.float32)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.asarray(unit @ unit.T, np.float32)


def _random(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).random((count, count), dtype=np.float32)


def _queries(labels: NDArray[np.str_], fewest: int) -> NDArray[np.int64]:
    names, counts = np.unique(labels, return_counts=True)
    large = names[(counts >= fewest) & (names != DISTRACTORS)]
    return np.flatnonzero(np.isin(labels, large))


def _hits(row: NDArray[np.float32], labels: NDArray[np.str_], query: np.int64) -> NDArray[np.bool_]:
    """Return, from the nearest on, whether each other picture has the query's label."""
    order = np.argsort(-row, kind="stable")
    order = order[order != query]
    hits: NDArray[np.bool_] = labels[order] == labels[query]
    return hits


def _average_precision(hits: NDArray[np.bool_]) -> float:
    places = np.flatnonzero(hits)
    return float(np.mean(np.arange(1, len(places) + 1) / (places + 1)))
