"""`make train`: a folder of photographs in, a bundle that searches it out.

Prepares, trains, exports and indexes. Interrupted and started again, it goes on where it stopped.
"""

import argparse
import sys
from pathlib import Path

from model.bundle import BundleError
from model.folders import FolderError
from model.indexing import IndexingError, index_folder
from model.training import data
from model.training.commands import SOME_FAILED, STOPPED, add_recipe_arguments, told
from model.training.errors import TrainingError


def main(arguments: list[str] | None = None) -> int:
    """Do all four and return the exit status, as the verbs of `python -m model` have it."""
    options = _parser().parse_args(arguments)
    try:
        return _train_on(options)
    except (TrainingError, BundleError, FolderError, IndexingError) as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"train: {error.strerror or error}{where}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntrain: stopped; what was finished before is kept.", file=sys.stderr)
        return STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model.training", description=__doc__)
    parser.add_argument("--photos", type=_folder, required=True, help="a folder of photographs")
    parser.add_argument(
        "--out", type=Path, required=True, help="gets data/, logs/ and the result, bundle/"
    )
    add_recipe_arguments(parser)
    return parser


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("name a folder of photographs: make train PHOTOS=folder")
    return Path(text)


def _train_on(options: argparse.Namespace) -> int:
    from model.training.export import export  # noqa: PLC0415 - imports TensorFlow
    from model.training.train import train  # noqa: PLC0415

    prepared, job_dir, bundle = (options.out / name for name in ("data", "logs", "bundle"))
    data.prepare([options.photos], prepared)
    if train(told(options, job_dir, str(prepared))).ended == "stopped":
        return STOPPED
    export(job_dir, bundle)
    outcome = index_folder(options.photos, bundle)
    print(f"{bundle}: the model, and an index of {options.photos}.")
    return SOME_FAILED if outcome.failed else 0


if __name__ == "__main__":
    sys.exit(main())
