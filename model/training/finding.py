"""How well pictures are found by parts of themselves: retrieval measured without any label.

Every picture is changed in eight ways, always the same ones, and each of these views is searched
with among all the pictures: the picture that it was made from should come first.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from model.encoder import Encoder
from model.images import SIDE
from model.progress import Progress
from model.training.data import Pixels

SEARCHED_WITH: Final = 400  # pictures at most, evenly spread; eight views of each
SEARCHED: Final = 5_000  # pictures at most, evenly spread
_RESAMPLED: Final = 2_000  # times, for an interval
_BATCH: Final = 32
_NEIGHBOURS: Final = 10

_Chance = np.random.Generator


class Searched(Protocol):
    """Pictures, such as `data.Pictures`, in a fixed order."""

    def __len__(self) -> int: ...

    def pixels(self, rows: Sequence[int]) -> Pixels:
        """Return uint8 (B, 256, 256, 3)."""


@dataclass(frozen=True)
class Found:
    """At which rank each view found its picture, from 1: int64 (Q, V).

    embeddings: float32 (N, D), of all the pictures that were searched.
    """

    ranks: NDArray[np.int64]
    embeddings: NDArray[np.float32]

    @property
    def first(self) -> float:
        """P@1: the share of the views that found their picture first."""
        return float(np.mean(self.ranks == 1))

    @property
    def precision(self) -> float:
        """mAP; with one right answer to each view it is the mean of 1/rank."""
        return float(np.mean(1.0 / self.ranks))


@dataclass(frozen=True)
class Gain:
    """What a second encoder's mAP is above a first one's: its mean, and its 95 % interval."""

    mean: float
    low: float
    high: float


def find(encoder: Encoder, pictures: Searched) -> Found:
    """Search with views of some of these pictures among all of them, by the cosine of embeddings.

    A picture as near as the right one counts as nearer: an encoder that says the same of all
    pictures finds none.
    """
    rows = _spread(len(pictures), SEARCHED)
    stored = np.concatenate(
        [
            encoder.encode(pictures.pixels(rows[first : first + _BATCH])).embedding
            for first in range(0, len(rows), _BATCH)
        ]
    )
    places = _spread(len(rows), SEARCHED_WITH)
    progress, ranks = Progress("searched with", len(places)), []
    for place in places:
        found = encoder.encode(views(pictures.pixels([rows[place]])[0])).embedding
        similarities = found @ stored.T  # (V, N)
        ranks.append((similarities >= similarities[:, [place]]).sum(axis=1))
        progress.step()
    progress.finish()
    return Found(np.stack(ranks), stored)


def neighbours_kept(before: Found, after: Found) -> float:
    """Return the share of each picture's ten nearest, or all others, that are the same in both."""
    nearest = [_nearest(found.embeddings) for found in (before, after)]
    both = [len(set(ours) & set(theirs)) for ours, theirs in zip(*nearest, strict=True)]
    return float(np.mean(both) / max(nearest[0].shape[1], 1)) if nearest[0].size else 1.0


def _nearest(embeddings: NDArray[np.float32]) -> NDArray[np.int64]:
    similarities = embeddings @ embeddings.T
    np.fill_diagonal(similarities, -np.inf)
    return np.argsort(-similarities, axis=1)[:, : min(_NEIGHBOURS, len(embeddings) - 1)]


def _spread(count: int, most: int) -> list[int]:
    """Return so many of the rows 0 to count - 1 at most, evenly spread."""
    return [int(row) for row in np.unique(np.linspace(0, count - 1, min(most, count)).round())]


def gain(before: Found, after: Found) -> Gain:
    """Compare two encoders on the same pictures. Views of one picture are drawn together."""
    gains = np.mean(1.0 / after.ranks - 1.0 / before.ranks, axis=1)  # (N,)
    drawn = np.random.default_rng(0).integers(0, len(gains), (_RESAMPLED, len(gains)))
    low, high = np.quantile(gains[drawn].mean(axis=1), (0.025, 0.975))
    return Gain(float(gains.mean()), float(low), float(high))


def views(picture: Pixels) -> Pixels:
    """Return the eight views, uint8 (8, 256, 256, 3), of a picture, uint8 (256, 256, 3).

    What is drawn by lot follows from the picture: it has the same views every time.
    """
    chance = np.random.default_rng(list(hashlib.sha256(picture.tobytes()).digest()[:8]))
    image = Image.fromarray(picture)
    changed = [view(image, chance).convert("RGB") for view in _VIEWS]
    return np.stack([np.asarray(view.resize((SIDE, SIDE)), np.uint8) for view in changed])


def _part(image: Image.Image, chance: _Chance, least: float = 0.5) -> Image.Image:
    """Cut out a square, `least` to 70 % of the side wide, anywhere."""
    side = chance.uniform(least, 0.7)
    left, top = chance.uniform(0.0, 1.0 - side, 2)
    box = (left, top, left + side, top + side)
    x0, y0, x1, y1 = (round(part * SIDE) for part in box)
    return image.crop((x0, y0, x1, y1))


def _mirrored_part(image: Image.Image, chance: _Chance) -> Image.Image:
    return ImageOps.mirror(_part(image, chance))


def _lit(image: Image.Image, chance: _Chance) -> Image.Image:
    """Make a part darker or brighter, and its contrast weaker or stronger, by half."""
    bright, strong = chance.choice((0.5, 1.5), 2)
    part = ImageEnhance.Brightness(_part(image, chance, 0.65)).enhance(float(bright))
    return ImageEnhance.Contrast(part).enhance(float(strong))


def _cast(image: Image.Image, chance: _Chance) -> Image.Image:
    """Give a part a cast, as wrong white balance does."""
    factors = chance.uniform(0.6, 1.2, 3)
    part = np.asarray(_part(image, chance, 0.65), np.float32)
    return Image.fromarray(np.clip(part * factors, 0, 255).astype(np.uint8))


def _blurred(image: Image.Image, chance: _Chance) -> Image.Image:
    return _part(image, chance, 0.65).filter(ImageFilter.GaussianBlur(3))


def _grey(image: Image.Image, chance: _Chance) -> Image.Image:
    return _part(image, chance, 0.6).convert("L")


def _turned(image: Image.Image, chance: _Chance) -> Image.Image:
    """Turn by 5 to 15 degrees and cut out the middle, which has no empty corners."""
    angle = chance.uniform(5.0, 15.0) * chance.choice((-1, 1))
    rim = round(SIDE * 0.17)
    turned = image.rotate(angle, Image.Resampling.BICUBIC)
    return turned.crop((rim, rim, SIDE - rim, SIDE - rim))


def _coarse(image: Image.Image, chance: _Chance) -> Image.Image:
    """Make a part small and compress it hard, as messengers do."""
    file = io.BytesIO()
    _part(image, chance, 0.65).resize((96, 96)).save(file, "JPEG", quality=15)
    return Image.open(file)


_VIEWS: Final[tuple[Callable[[Image.Image, _Chance], Image.Image], ...]] = (
    _part,
    _mirrored_part,
    _lit,
    _cast,
    _blurred,
    _grey,
    _turned,
    _coarse,
)
