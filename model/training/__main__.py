"""`make train`: a folder of photographs in, a bundle that searches it out.

Prepares, trains, exports and indexes. Interrupted and started again, it goes on where it stopped.
"""

import argparse
import sys
from pathlib import Path

from model.command import DONE, SOME_FAILED, STOPPED, run
from model.indexing import index_folder
from model.training.commands import add_recipe_arguments, told
from model.training.preparing import prepare


def main(arguments: list[str] | None = None) -> int:
    """Do all four and return the exit status, as the verbs of `python -m model` have it."""
    options = _parser().parse_args(arguments)
    return run("train", lambda: _train_on(options))


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
    prepare([options.photos], prepared)
    if train(told(options, job_dir, str(prepared))).ended == "stopped":
        return STOPPED
    export(job_dir, bundle)
    outcome = index_folder(options.photos, bundle)
    print(f"{bundle}: the model, and an index of {options.photos}.")
    return SOME_FAILED if outcome.failed else DONE


if __name__ == "__main__":
    sys.exit(main())
