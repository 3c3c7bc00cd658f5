"""Measures a calibration on the kinds that did not fit it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration.fitting import distinct
from benchmarks.calibration.report import Curve, Rate, Telling, Word
from benchmarks.calibration.seeing import Embeddings, Seen
from benchmarks.measure import Spread, interleaved, milliseconds, spread
from model.calibration import NEAREST, RARITIES, Border, Calibration
from model.gallery import Gallery
from model.ranking import Ranking
from model.similarity import WORDS, background

Types = NDArray[np.str_]  # of the gallery's pictures, (N,)
Distinct = NDArray[np.float64]

_RARITIES: Final = (30, 100, 1_000, 10_000)
_Z: Final = 1.96  # of a 95 % interval


def rates(seen: Sequence[Seen], gallery: Embeddings, calibration: Calibration) -> list[Rate]:
    """Return how often "nothing" is said of each kind that is published, large and small apart."""
    border = Border(calibration, gallery)
    return [
        _rate(each, pictures, gallery, border, small=small)
        for each in seen
        if each.kind.use in ("found", "nothing")
        for small in (False, True)
        if len(pictures := each.sized(small=small))
    ]


def _rate(
    seen: Seen, pictures: Embeddings, gallery: Embeddings, border: Border, *, small: bool
) -> Rate:
    nearest = np.sort(pictures @ gallery.T, axis=1)[:, ::-1][:, :NEAREST]
    said = [
        border.beyond(picture, row, small=small)
        for picture, row in zip(pictures, nearest, strict=True)
    ]
    low, high = wilson(sum(said), len(said))
    return Rate(
        kind=seen.kind.name,
        right=seen.kind.use == "nothing",
        small=small,
        count=len(said),
        said=sum(said) / len(said),
        low=low,
        high=high,
    )


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (E. Wilson, "Probable inference", 1927)."""
    share, over = hits / count, _Z**2 / count
    middle = share + over / 2
    reach = _Z * np.sqrt(share * (1 - share) / count + over / (4 * count))
    return max(0.0, float((middle - reach) / (1 + over))), float((middle + reach) / (1 + over))


def telling(seen: Sequence[Seen], gallery: Embeddings, calibration: Calibration) -> list[Telling]:
    """Return how well each number would tell, on the kinds that are published."""

    def highest(count: int, pictures: Embeddings) -> NDArray[np.float32]:
        return np.asarray(np.sort(pictures @ gallery.T, axis=1)[:, -count:].mean(axis=1))

    def axes(pictures: Embeddings) -> NDArray[np.float32]:
        first = np.linalg.eigh(gallery.T @ gallery)[1][:, -16:]
        return np.asarray(np.linalg.norm(pictures @ first, axis=1))

    numbers: dict[str, Callable[[Embeddings], NDArray[np.floating]]] = {
        "similarity of the nearest": partial(highest, 1),
        "mean similarity of the nearest five": partial(highest, NEAREST),
        "how far the nearest stands out": lambda each: distinct(each, gallery).max(axis=1),
        "length along the gallery's first 16 axes": axes,
        "closer to the gallery than to pictures in general": lambda each: calibration.closer(
            each, each @ gallery.T
        ),
    }
    return [
        Telling(name=name, sharp=_area(seen, of, small=False), small=_area(seen, of, small=True))
        for name, of in numbers.items()
    ]


def _area(
    seen: Sequence[Seen], of: Callable[[Embeddings], NDArray[np.floating]], *, small: bool
) -> float:
    """Return the area under the ROC curve; 0.5 where one side has no pictures."""
    sides = []
    for use in ("found", "nothing"):
        found = [each.sized(small=small) for each in seen if each.kind.use == use]
        pictures = np.concatenate(found) if found else np.empty((0, 0), np.float32)
        if not len(pictures):
            return 0.5
        sides.append(of(pictures))
    yes, no = sides
    ranks = np.argsort(np.argsort(np.concatenate([yes, no])))
    return float((ranks[: len(yes)].mean() - (len(yes) - 1) / 2) / len(no))


def curves(seen: Sequence[Seen], gallery: Embeddings, calibration: Calibration) -> list[Curve]:
    """Return how well the curve of chance holds for pictures of something else."""
    found = []
    for each in seen:
        if each.kind.use != "nothing":
            continue
        values = distinct(each.embeddings, gallery)
        limits = np.array(calibration.distinct)[[RARITIES.index(r) for r in _RARITIES]]
        times = {
            rarity: float(np.mean(values > limit)) * rarity
            for rarity, limit in zip(_RARITIES, limits, strict=True)
        }
        found.append(Curve(kind=each.kind.name, pairs=values.size, times=times))
    return found


def words(gallery: Embeddings, types: Types, calibration: Calibration) -> list[Word]:
    """Return what each word promises: every picture of the gallery searches the others."""
    values = distinct(gallery, gallery)
    np.fill_diagonal(values, -np.inf)
    return _words("the gallery", values, types[:, np.newaxis] == types, calibration)


def words_of_photographs(
    seen: Sequence[Seen], gallery: Embeddings, types: Types, calibration: Calibration
) -> list[Word]:
    """Return the same of photographs whose kind begins with a part of a type's name."""
    found: list[Word] = []
    for each in seen:
        family = each.kind.name.split()[0]
        if each.kind.use == "found" and (of_type := np.char.find(types, family) >= 0).any():
            values = distinct(each.embeddings, gallery)
            same = np.broadcast_to(of_type, values.shape)
            found += _words(each.kind.name, values, same, calibration)
    return found


def _words(
    queries: str, values: Distinct, same: NDArray[np.bool_], calibration: Calibration
) -> list[Word]:
    found, above = [], np.inf
    for rarity, word in WORDS:
        limit = calibration.distinct[RARITIES.index(rarity)]
        matches = (values >= limit) & (values < above)
        above = limit
        share = float(same[matches].mean()) if matches.any() else 0.0
        average = float(matches.sum() / len(values))
        found.append(Word(queries=queries, word=word, matches=average, same=share))
    others = float(same[values > -np.inf].mean())
    return [*found, Word(queries=queries, word="any picture", matches=values.shape[1], same=others)]


def types_of(gallery: Gallery) -> Types | None:
    """Return the type of each picture, (N,), where the records tell it."""
    records = gallery.records(list(range(gallery.count)))
    found = [str(record.details.get("type", "")) for record in records]
    return np.array(found) if all(found) else None


def cost(ranking: Ranking, calibration: Calibration) -> dict[str, Spread]:
    """Return what a query costs, in milliseconds: ranking it, and what comes on top."""
    query = ranking.embedding(0)
    border = Border(calibration, ranking.embeddings)

    def word() -> None:
        usual = background(ranking.sample(query), calibration)
        for place in range(24):
            usual.likeness(place / 24)

    def decide() -> None:
        border.beyond(query, ranking.search(query, limit=NEAREST).scores, small=False)

    actions = {
        "rank 24 matches": lambda: ranking.search(query, limit=24),
        "background, chances and words of 24": word,
        "decide whether it is nothing": decide,
        "find the border, once for each bundle": lambda: Border(calibration, ranking.embeddings),
    }
    timed = interleaved({name: milliseconds(action) for name, action in actions.items()}, 50)
    return {name: spread(values) for name, values in timed.items()}
