"""Prepares pictures for training: each is decoded once, by the one loader, on every core.

Interrupted, it takes over what was finished; run again, it decodes only what is new.
"""

import glob
import hashlib
import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from model.copies import Hashes, difference_hashes, near
from model.folders import FolderError, pictures_in, written
from model.image_errors import ImageError
from model.images import LOADER_VERSION, load
from model.progress import Progress
from model.training.data import LISTING, Listing, Pictures, Pixels, Place, open_prepared
from model.training.errors import TrainingError
from model.training.shown import Shown, shown_by

SHARD: Final = 512  # pictures at most in a file: 100 MB, and what an interruption can cost
_known: frozenset[str] = frozenset()  # of a worker process: contents that need no decoding


class _Shard(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a shard: the content of each of its rows, by hash."""

    loader_version: int
    sha256: tuple[str, ...]


class _Read(NamedTuple):
    """A file read by a worker: pixels are None where they are known already or were no picture."""

    sha256: str
    pixels: Pixels | None
    problem: str


@dataclass
class Outcome:
    """What became of the files given. `failed` holds a path and a sentence for each.

    near: pictures left out as near copies of those that training must not see.
    """

    pictures: int = 0
    decoded: int = 0
    duplicates: int = 0
    near: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def prepare(
    folders: Sequence[Path],
    out: Path,
    *,
    jobs: int | None = None,
    unlike: Sequence[Path] = (),
    grouped: Sequence[Path] = (),
) -> Outcome:
    """Decode every picture below the folders into `out`, once; a file that fails is passed over.

    Of files with the same content the first by name counts. Near copies of any picture below the
    folders `unlike` are left out, see `model/copies.py`; there, every file must be readable.
    Pictures show the same thing where records beside them name the same `group`, or where they lie
    in one folder somewhere below a folder of `grouped`; they are of one kind where records name the
    same `type`.

    Raises FolderError where a folder or any picture is missing, TrainingError when nothing could be
    read, or something below `unlike` could not.
    """
    hashes = _hashes_below(unlike)
    named = {
        path: written(f"{folder.resolve().name}/{path.relative_to(folder).as_posix()}")
        for folder in folders
        for path in pictures_in(folder)
    }
    shown = shown_by(folders, grouped, named)
    return _prepare(named, out, jobs, hashes, shown)


def find(files: str, cache: Path) -> Pictures:
    """Return the pictures that a flag names: a prepared folder, any other folder, or a glob.

    What is not prepared yet is prepared into `cache`. Raises FolderError and TrainingError.
    """
    folder = Path(files)
    if (folder / LISTING).is_file():
        return open_prepared(folder)
    if folder.is_dir():
        prepare([folder], cache)
    else:
        _prepare(_matching(files), cache, None)
    return open_prepared(cache)


def _matching(pattern: str) -> dict[Path, str]:
    """Return the files that a glob matches; `**` stands for any depth of folders."""
    found = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - pathlib globs below one folder only
    files = {
        path: written(f"{path.parent.resolve().name}/{path.name}")
        for path in found
        if path.is_file()
    }
    if not files:
        raise FolderError(f"{pattern} is no prepared folder, and no file matches it.")
    return files


def _hashes_below(folders: Sequence[Path]) -> Hashes | None:
    """Return the hashes of all pictures below these folders, bool (M, 64); None without folders."""
    files = [path for folder in folders for path in pictures_in(folder)]
    if not files:
        return None
    try:
        return np.concatenate([difference_hashes(load(path).pixels[None]) for path in files])
    except ImageError as error:
        raise TrainingError(
            f"A picture that training must not see cannot be read, so neither can its copies be "
            f"told: {error} Mend it below {', '.join(map(str, folders))}, or take it away."
        ) from error


def _prepare(
    named: dict[Path, str],
    out: Path,
    jobs: int | None,
    unlike: Hashes | None = None,
    shown: Mapping[Path, Shown] | None = None,
) -> Outcome:
    out.mkdir(parents=True, exist_ok=True)
    known = _finished(out)
    outcome, chosen = Outcome(), dict[str, Place]()
    progress = Progress("prepared", len(named))
    for group in _groups(list(named), frozenset(known), jobs):
        new = {read.sha256: read.pixels for _, read in group if read.sha256 not in known}
        known |= _write_shard(out, new, outcome)
        for path, read in group:
            _count(path, read, outcome, progress)
            if read.sha256 in known:
                place = Place(
                    read.sha256, named[path], *known[read.sha256], *(shown or {}).get(path, ())
                )
                outcome.duplicates += read.sha256 in chosen
                chosen.setdefault(read.sha256, place)
        progress.step(len(group))
    progress.finish()
    if unlike is not None:
        outcome.near = _leave_out(out, chosen, unlike)
    _publish(out, chosen)
    outcome.pictures = len(chosen)
    return outcome


def _leave_out(out: Path, chosen: dict[str, Place], unlike: Hashes) -> int:
    """Take the near copies out of what was chosen; return how many there were."""
    pictures = Pictures(out, tuple(chosen.values()))
    left_out = 0
    for place, pixels in zip(pictures.places, pictures.batches(1), strict=True):
        if near(difference_hashes(pixels), unlike).any():
            del chosen[place.sha256]
            left_out += 1
    return left_out


def _count(path: Path, read: _Read, outcome: Outcome, progress: Progress) -> None:
    if read.problem:
        outcome.failed.append((str(path), read.problem))
        progress.note(f"{path}: {read.problem}")


def _finished(out: Path) -> dict[str, tuple[str, int]]:
    """Return, by content, where earlier runs have put pictures."""
    places: dict[str, tuple[str, int]] = {}
    for path in sorted(out.glob("pictures-*.json")):
        shard = msgspec.json.decode(path.read_bytes(), type=_Shard)
        if shard.loader_version == LOADER_VERSION:
            name = path.with_suffix(".npy").name
            places |= {sha256: (name, row) for row, sha256 in enumerate(shard.sha256)}
    return places


def _groups(
    paths: list[Path], known: frozenset[str], jobs: int | None
) -> Iterator[list[tuple[Path, _Read]]]:
    """Read and decode the files in processes of their own, a shard's worth at a time."""
    pool = ProcessPoolExecutor(
        max(1, min(jobs or os.cpu_count() or 1, len(paths))),
        mp_context=multiprocessing.get_context("spawn"),  # TensorFlow's threads do not fork
        initializer=_start_worker,
        initargs=(known,),
    )
    try:
        with pool:
            for first in range(0, len(paths), SHARD):
                group = paths[first : first + SHARD]
                yield list(zip(group, pool.map(_read, group, chunksize=8), strict=True))
    except BrokenProcessPool as error:
        problem = "A process that decodes pictures was ended from outside, perhaps for memory."
        raise TrainingError(f"{problem} Prepare again, with --jobs 1: it goes on there.") from error


def _start_worker(known: frozenset[str]) -> None:
    global _known  # noqa: PLW0603 - how a pool hands its workers something once
    _known = known
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us


def _read(path: Path) -> _Read:
    try:
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        return _Read(sha256, None if sha256 in _known else load(content).pixels, "")
    except OSError as error:
        return _Read("", None, f"It cannot be read ({error.strerror}).")
    except ImageError as error:
        return _Read("", None, str(error))


def _write_shard(
    out: Path, contents: dict[str, Pixels | None], outcome: Outcome
) -> dict[str, tuple[str, int]]:
    """Write the decoded pictures of a group, then their list; return where each one lies."""
    pixels = {sha256: found for sha256, found in contents.items() if found is not None}
    if not pixels:
        return {}
    path = _next_shard(out)
    _write(path, np.stack(list(pixels.values())))
    shard = _Shard(loader_version=LOADER_VERSION, sha256=tuple(pixels))
    _write(path.with_suffix(".json"), msgspec.json.encode(shard))
    outcome.decoded += len(pixels)
    return {sha256: (path.name, row) for row, sha256 in enumerate(pixels)}


def _next_shard(out: Path) -> Path:
    numbers = [int(path.stem.split("-")[1]) for path in out.glob("pictures-*.json")]
    return out / f"pictures-{max(numbers, default=-1) + 1:05}.npy"


def _write(path: Path, content: bytes | Pixels) -> None:
    """Write a file beside its place and rename it there: never half of one."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            np.save(file, content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _publish(out: Path, chosen: dict[str, Place]) -> None:
    """Write the listing, then drop the shards that hold nothing any more."""
    if not chosen:
        problem = "None of the pictures can be read, or each is a near copy of one to be left out"
        raise TrainingError(f"{problem}: there is nothing to train on.")
    places = tuple(sorted(chosen.values(), key=lambda place: place.sha256))
    listing = Listing(loader_version=LOADER_VERSION, pictures=places)
    _write(out / LISTING, msgspec.json.encode(listing))
    used = {place.shard for place in places}
    for path in out.glob("pictures-*.npy"):
        if path.name not in used:
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink()
