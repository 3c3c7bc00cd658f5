"""Which pictures a step sees, and how they vary: a function of seed and step, and of nothing else.

So a training that was interrupted sees the same batches as one that was not.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.training.configuration import Recipe
from model.training.data import Pictures, Pixels
from model.training.errors import TrainingError
from model.training.targets import Targets

_ORDER, _VARIATION, _COLOUR, _PARTNER = 0, 1, 2, 3  # streams of random numbers that must not meet


class Batch(NamedTuple):
    """pixels: uint8 (B, 256, 256, 3). boxes: float32 (B, 4), y0 x0 y1 x1 in [0, 1] to cut out.

    A box with x1 < x0 mirrors its picture. colours: float32 (B, 3), factors of brightness, contrast
    and saturation. targets: float32 (B, 4, 4, D), what the teacher says of each cell of the box,
    mirrored with it; D is 0 where nothing is taught. groups: int64 (B,), the same number for
    pictures of the same thing. kinds: int64 (B,), the same for things of one type, -1 where none is
    known. side: what the boxes are brought to, in pixels.
    """

    pixels: Pixels
    boxes: NDArray[np.float32]
    colours: NDArray[np.float32]
    targets: NDArray[np.float32]
    groups: NDArray[np.int64]
    kinds: NDArray[np.int64]
    side: int


class Plan:
    """The batches of a training; the last pictures of an epoch that fill no batch wait."""

    def __init__(
        self, pictures: Pictures, recipe: Recipe, *, seed: int, targets: Targets | None = None
    ) -> None:
        self._pictures = pictures
        self._rows = _repeated(pictures, recipe.repeats)
        self._size = min(recipe.batch_size, len(self._rows))
        self._groups, self._members = _grouped(pictures)
        self._kinds = _kinds(pictures)
        self._partnered = recipe.contrast is not None and not recipe.contrast.pairs
        self._pairs = recipe.contrast.pairs if recipe.contrast is not None else 0
        self._families = _families(self._members, self._rows, self._pairs)
        self._fresh = max(1, self._size // 2 if self._partnered else self._size - 2 * self._pairs)
        self._seed = seed
        self._augmentation = recipe.augmentation
        self._targets = targets
        self._shown_views = recipe.teaching.views if recipe.teaching is not None else 0
        self.steps_per_epoch = len(self._rows) // self._fresh
        self._first = round(recipe.augmentation.first_share * recipe.epochs * self.steps_per_epoch)

    def batches(self, first: int, end: int) -> Iterator[Batch]:
        """Yield the batches of the steps from `first` up to, but not including, `end`."""
        order, epoch_of_order = np.arange(0), -1
        for step in range(first, end):
            epoch, place = divmod(step, self.steps_per_epoch)
            if epoch != epoch_of_order:
                order, epoch_of_order = self._order(epoch), epoch
            rows = order[place * self._fresh : (place + 1) * self._fresh]
            if self._partnered:
                rows = np.concatenate([rows, self._partners(step, rows)])
            elif self._pairs:
                rows = np.concatenate([rows, self._drawn_pairs(step)])
            boxes, targets = self._views(step, rows)
            colours = self._colours(step)[: len(rows)]
            pixels = self._pictures.pixels(rows)
            groups, kinds = self._groups[rows], self._kinds[rows]
            yield Batch(pixels, boxes, colours, targets, groups, kinds, self._side(step))

    def _side(self, step: int) -> int:
        return self._augmentation.first_side if step < self._first else self._augmentation.side

    def _order(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng([self._seed, _ORDER, epoch]).permutation(self._rows)

    def _views(
        self, step: int, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the boxes of a step and what is taught of them: where taught, the teacher's."""
        chance = np.random.default_rng([self._seed, _VARIATION, step])
        if self._targets is None:
            boxes, targets = (
                self._crops(chance, len(rows)),
                np.zeros((len(rows), 1, 1, 0), np.float32),
            )
        else:
            made = self._targets.label.views
            views = chance.integers(min(made, self._shown_views or made), size=len(rows))
            boxes, targets = self._targets.boxes(rows, views), self._targets.cells(rows, views)
        mirrored = self._augmentation.mirror & (chance.random(len(rows)) < 0.5)
        boxes = np.where(mirrored[:, None], boxes[:, [0, 3, 2, 1]], boxes)
        targets[mirrored] = targets[mirrored, :, ::-1]
        return boxes, targets

    def _partners(self, step: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each picture another one of its group, or itself where there is none."""
        chance = np.random.default_rng([self._seed, _PARTNER, step])
        partners = rows.copy()
        for place, row in enumerate(rows):
            others = self._members[self._groups[row]]
            others = others[others != row]
            if len(others):
                partners[place] = chance.choice(others)
        return partners

    def _drawn_pairs(self, step: int) -> NDArray[np.int64]:
        """Return two pictures each of some of the groups, (2 * pairs,)."""
        chance = np.random.default_rng([self._seed, _PARTNER, step])
        chosen = chance.choice(len(self._families), self._pairs, replace=False)
        return np.concatenate(
            [chance.choice(self._families[group], 2, replace=False) for group in chosen]
        )

    def _crops(self, chance: np.random.Generator, count: int) -> NDArray[np.float32]:
        sides = chance.uniform(self._augmentation.smallest_crop, 1.0, count)
        tops, lefts = chance.random((2, count)) * (1.0 - sides)
        return np.stack([tops, lefts, tops + sides, lefts + sides], axis=1).astype(np.float32)

    def _colours(self, step: int) -> NDArray[np.float32]:
        chance = np.random.default_rng([self._seed, _COLOUR, step])
        most = self._augmentation
        spread = np.array([most.brightness, most.contrast, most.saturation])
        factors = 1.0 + chance.uniform(-1.0, 1.0, (self._size, 3)) * spread
        return np.asarray(factors, np.float32)


def _grouped(pictures: Pictures) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """Return the group of each picture, and the pictures of each group.

    A picture without one is a group of its own.
    """
    names = [place.group or place.sha256 for place in pictures.places]
    groups = np.unique(names, return_inverse=True)[1].astype(np.int64)
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    return groups, members


def _kinds(pictures: Pictures) -> NDArray[np.int64]:
    """Return a number for the kind of each picture, -1 of one without."""
    names = sorted({place.kind for place in pictures.places} - {""})
    numbers = {name: number for number, name in enumerate(names)} | {"": -1}
    return np.array([numbers[place.kind] for place in pictures.places], np.int64)


def _families(
    members: list[NDArray[np.int64]], shown: NDArray[np.int64], pairs: int
) -> list[NDArray[np.int64]]:
    """Return the pictures of each group that pairs can be drawn from. Raises TrainingError."""
    if not pairs:
        return []
    families = [rows[np.isin(rows, shown)] for rows in members]
    families = [rows for rows in families if len(rows) > 1]
    if len(families) < pairs:
        raise TrainingError(
            f"The recipe wants pairs of {pairs} groups in a batch, and there are {len(families)} "
            "groups of two or more pictures. Prepare with --grouped FOLDER, or rendered pictures."
        )
    return families


def _repeated(pictures: Pictures, repeats: Mapping[str, int]) -> NDArray[np.int64]:
    """Return the row of each picture as often as an epoch shows it."""
    times = [repeats.get(place.path.split("/")[0], 1) for place in pictures.places]
    rows = np.repeat(np.arange(len(pictures)), times)
    if not len(rows):
        raise TrainingError("The recipe repeats every picture 0 times: nothing is left to show.")
    return rows
