"""Trains every variation and exports it: python -m benchmarks.ablations PREPARED.

What was finished before is not made again. The last lines are the options by which
`python -m benchmarks.quality` measures the results beside everything else.
"""

import argparse
import hashlib
import shlex
import sys
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.ablations.variations import variations
from model import command
from model.bundle import BundleError, read_manifest
from model.command import DONE, STOPPED
from model.training.configuration import Recipe
from model.training.data import open_prepared
from model.training.export import export
from model.training.job import Options
from model.training.train import train

OUT: Final = Path("build/ablations")


def main(arguments: list[str] | None = None) -> int:
    """Train what is missing; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablations", description=__doc__)
    parser.add_argument("prepared", type=Path, help="a prepared folder with a teacher's targets")
    parser.add_argument("--out", type=Path, default=OUT, help="where jobs and bundles go")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="make only this row; may be given again"
    )
    parser.add_argument("--num-epochs", type=int, help="passes over the pictures")
    options = parser.parse_args(arguments)
    return command.run("ablations", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    wanted = variations()
    if unknown := set(options.only or ()) - set(wanted):
        raise command.CommandError(f"There is no variation {', '.join(sorted(unknown))}.")
    made = {}
    pictures = open_prepared(options.prepared).fingerprint
    for name, recipe in wanted.items():
        if options.only and name not in options.only:
            continue
        folder = options.out / _key(recipe, options.num_epochs, pictures)
        print(f"{name}:", file=sys.stderr, flush=True)
        if not _make(folder, recipe, options):
            return STOPPED
        made[name] = folder / "bundle"
    print(" ".join(f"--also {shlex.quote(f'{name}={bundle}')}" for name, bundle in made.items()))
    return DONE


def _key(recipe: Recipe, epochs: int | None, pictures: str) -> str:
    """Name the folder by all that decides what is in it: another recipe is made anew."""
    decided = msgspec.json.encode((recipe, epochs, pictures))
    return hashlib.sha256(decided).hexdigest()[:12]


def _make(folder: Path, recipe: Recipe, options: argparse.Namespace) -> bool:
    """Train and export one variation; tell whether it was done, rather than stopped."""
    bundle = folder / "bundle"
    if _is_there(bundle):
        return True
    job_dir = folder / "job"
    result = train(
        Options(
            job_dir=job_dir,
            train_files=str(options.prepared),
            recipe=recipe,
            num_epochs=options.num_epochs,
        )
    )
    if result.ended == "stopped":
        return False
    export(job_dir, bundle)
    return True


def _is_there(bundle: Path) -> bool:
    try:
        return bool(read_manifest(bundle).files)
    except BundleError:
        return False


if __name__ == "__main__":
    sys.exit(main())
