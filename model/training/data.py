"""Pictures as training reads them: uint8 records, decoded once, mapped into memory.

A prepared folder holds `pictures-00000.npy`, uint8 (N, 256, 256, 3), and so on, 196,608 bytes a
picture; beside each a list of its contents' hashes; and `pictures.json`, which is written last and
names the pictures that count. `preparing.py` writes it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.images import LOADER_VERSION, SIDE
from model.training.errors import TrainingError

LISTING: Final = "pictures.json"
BYTES_PER_PICTURE: Final = SIDE * SIDE * 3

Pixels = NDArray[np.uint8]


class Place(msgspec.Struct, frozen=True):
    """A prepared picture: its content's hash, where it came from, and where it lies.

    `path` starts with the name of the folder that was given; nothing above that is kept. Pictures
    of one `group` show the same thing, those of one `kind` things of the same type; "" is none.
    """

    sha256: str
    path: str
    shard: str
    row: int
    group: str = ""
    kind: str = ""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What `pictures.json` holds."""

    loader_version: int
    pictures: tuple[Place, ...]


@dataclass(frozen=True)
class Pictures:
    """Prepared pictures, or a part of them, in a fixed order."""

    folder: Path
    places: tuple[Place, ...]

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def fingerprint(self) -> str:
        """One hash over the contents and their order: the same data, wherever it lies."""
        return hashlib.sha256("".join(place.sha256 for place in self.places).encode()).hexdigest()

    @cached_property
    def _shards(self) -> dict[str, Pixels]:
        names = {place.shard for place in self.places}
        return {name: np.load(self.folder / name, mmap_mode="r") for name in names}

    def pixels(self, rows: Sequence[int] | NDArray[np.int64]) -> Pixels:
        """Return uint8 (B, 256, 256, 3), copied from the mapped files."""
        places = [self.places[row] for row in rows]
        return np.stack([self._shards[place.shard][place.row] for place in places])

    def batches(self, size: int) -> Iterator[Pixels]:
        """Yield all pictures in order, `size` at a time; the last batch may be smaller."""
        for first in range(0, len(self), size):
            yield self.pixels(range(first, min(first + size, len(self))))

    def some(self, most: int) -> "Pictures":
        """Return at most so many pictures, evenly spread."""
        rows = np.unique(np.linspace(0, len(self) - 1, min(most, len(self))).astype(np.int64))
        return Pictures(self.folder, tuple(self.places[row] for row in rows))


def open_prepared(folder: Path) -> Pictures:
    """Return the pictures of a prepared folder. Raises TrainingError where it is not one."""
    again = f"Prepare it again: python -m model prepare PHOTOS --out {folder}"
    try:
        listing = msgspec.json.decode((folder / LISTING).read_bytes(), type=Listing)
    except FileNotFoundError:
        raise TrainingError(f"{folder} is no prepared folder. {again}") from None
    except msgspec.DecodeError as error:
        raise TrainingError(f"{folder / LISTING} is damaged ({error}). {again}") from error
    if listing.loader_version != LOADER_VERSION:
        raise TrainingError(f"{folder} was made with another version of the loader. {again}")
    return Pictures(folder, listing.pictures)


def split(pictures: Pictures) -> tuple[Pictures, Pictures]:
    """Put 5 % aside for evaluation, by content: the same picture always falls on the same side."""
    aside = {place.sha256 for place in pictures.places if int(place.sha256[:8], 16) % 20 == 0}
    if not aside and len(pictures) > 1:  # of a handful of pictures, one all the same
        aside = {min(place.sha256 for place in pictures.places)}
    return without(pictures, aside), without(pictures, _contents(pictures) - aside)


def apart(training: Pictures, evaluation: Pictures) -> Pictures:
    """Return the training pictures that are not among those of the evaluation."""
    return without(training, _contents(evaluation))


def without(pictures: Pictures, contents: set[str]) -> Pictures:
    """Return the pictures whose content's hash is not among these."""
    kept = tuple(place for place in pictures.places if place.sha256 not in contents)
    return Pictures(pictures.folder, kept)


def _contents(pictures: Pictures) -> set[str]:
    return {place.sha256 for place in pictures.places}
