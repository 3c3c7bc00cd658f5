"""Which copies each way to tell them misses, and which different pictures it takes for the same."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.copies.changes import CHANGES
from model.copies import (
    NEAR,
    SAME,
    difference_hashes,
    hash_of,
    packed,
    same_picture,
    signature,
)
from model.encoder import Encoder
from model.evaluation.labelled import Labelled
from model.folders import pictures_in
from model.hamming import Words, differing
from model.images import load

# How much alike the embeddings of two pictures must be where that is asked for, too.
_ALIKE: Final = 0.9
OURS: Final = "in use"


class Seen(NamedTuple):
    """What ways to tell copies look at, of N pictures.

    differences: uint64 (N, 1). signatures: uint64 (N, 10). embeddings: float32 (N, D).
    """

    differences: Words
    signatures: Words
    embeddings: NDArray[np.float32]

    @classmethod
    def of(cls, pictures: Iterable[bytes | Path], encoder: Encoder) -> Self:
        """Look at pictures, files or their bytes."""
        differences, signatures, embeddings = zip(
            *(_see(picture, encoder) for picture in pictures), strict=True
        )
        return cls(np.stack(differences), np.stack(signatures), np.stack(embeddings))

    def part(self, places: NDArray[np.int64] | slice | int) -> Self:
        """Return what was seen of some of the pictures."""
        return type(self)(
            self.differences[places], self.signatures[places], self.embeddings[places]
        )


Way = Callable[[Seen, Seen], NDArray[np.bool_]]


def _ours(ours: Seen, theirs: Seen) -> NDArray[np.bool_]:
    return same_picture(ours.signatures, theirs.signatures)


def _hash_alone(ours: Seen, theirs: Seen) -> NDArray[np.bool_]:
    return differing(hash_of(ours.signatures), hash_of(theirs.signatures)) <= SAME


def _differences(ours: Seen, theirs: Seen) -> NDArray[np.bool_]:
    return differing(ours.differences, theirs.differences) <= NEAR


def _alike(ours: Seen, theirs: Seen) -> NDArray[np.bool_]:
    return np.asarray(np.vecdot(ours.embeddings, theirs.embeddings) >= _ALIKE, np.bool_)


WAYS: Final[dict[str, Way]] = {
    OURS: _ours,
    "its hash alone": _hash_alone,
    f"in use, similarity {_ALIKE:g}": lambda one, other: _ours(one, other) & _alike(one, other),
    "differences": _differences,
    f"differences, similarity {_ALIKE:g}": lambda one, other: (
        _differences(one, other) & _alike(one, other)
    ),
}


@dataclass
class Told:
    """What was found on one folder.

    changed: pictures that copies were made of. missed: of these, by change and way. pairs: of
    different pictures, and of different pictures of one label. wrong: of each, by way. same: the
    files that the way in use takes for the same picture.
    """

    name: str
    pictures: int
    changed: int
    missed: dict[str, dict[str, int]]
    pairs: tuple[int, int]
    wrong: dict[str, tuple[int, int]]
    same: list[tuple[str, str]]


def tell(chosen: Labelled, encoder: Encoder, *, most: int | None, changed: int) -> Told:
    """Measure on the first `most` pictures of a folder; of `changed` of them copies are made."""
    folder, label_of = chosen.folder, chosen.labeller()
    files = pictures_in(folder)[:most]
    names = [path.relative_to(folder).as_posix() for path in files]
    labels = np.array([label_of(each) for each in names])
    seen = Seen.of(files, encoder)
    places = np.unique(np.linspace(0, len(files) - 1, changed).astype(np.int64))
    missed = _missed([files[place] for place in places], seen.part(places), encoder)
    pairs, wrong, same = _wrong(seen, labels)
    told = [(names[one], names[other]) for one, other in same]
    return Told(chosen.name, len(files), len(places), missed, pairs, wrong, told)


def _missed(files: list[Path], seen: Seen, encoder: Encoder) -> dict[str, dict[str, int]]:
    found = {}
    for name, change in CHANGES.items():
        copies = Seen.of((change(Image.open(path).convert("RGB")) for path in files), encoder)
        found[name] = {way: int((~tells(seen, copies)).sum()) for way, tells in WAYS.items()}
    return found


def _wrong(
    seen: Seen, labels: NDArray[np.str_]
) -> tuple[tuple[int, int], dict[str, tuple[int, int]], list[tuple[int, int]]]:
    """Compare each picture with all after it."""
    pairs, wrong = np.zeros(2, np.int64), {way: np.zeros(2, np.int64) for way in WAYS}
    same = []
    for place in range(len(labels) - 1):
        alike = labels[place + 1 :] == labels[place]
        pairs += len(alike), alike.sum()
        for way, tells in WAYS.items():
            found = tells(seen.part(place), seen.part(slice(place + 1, None)))
            wrong[way] += found.sum(), (found & alike).sum()
            if way == OURS:
                same += [(place, int(place + 1 + other)) for other in np.flatnonzero(found)]
    counts = {way: (int(both[0]), int(both[1])) for way, both in wrong.items()}
    return (int(pairs[0]), int(pairs[1])), counts, same


def _see(picture: bytes | Path, encoder: Encoder) -> tuple[Words, Words, NDArray[np.float32]]:
    pixels = load(picture).pixels
    differences = packed(difference_hashes(pixels[np.newaxis]))[0].view(np.uint64)
    return differences, signature(pixels), encoder.encode(pixels[np.newaxis]).embedding[0]
