"""`make train`: a folder of photographs in, a bundle that searches it out.

Prepares the pictures, adapts the network of a bundle to them if that helps, and indexes them; with
--recipe it trains from scratch instead. Interrupted and started again, it goes on where it stopped.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from model.bundle import BundleError
from model.command import DONE, SOME_FAILED, STOPPED, run
from model.indexing import index_folder
from model.training.commands import add_recipe_arguments, told
from model.training.errors import TrainingError
from model.training.preparing import prepare

if TYPE_CHECKING:
    from model.training.anchor import Start

BUNDLED: Final = Path(__file__).parent.parent / "bundle"
ADAPTED: Final = "adapted"  # the one recipe that starts from a bundle


def main(arguments: list[str] | None = None) -> int:
    """Do all of it and return the exit status, as the verbs of `python -m model` have it."""
    options = _parser().parse_args(arguments)
    return run("train", lambda: _train_on(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model.training", description=__doc__)
    parser.add_argument("--photos", type=_folder, required=True, help="a folder of photographs")
    parser.add_argument(
        "--out", type=Path, required=True, help="gets the result, bundle/, and what it is made of"
    )
    parser.add_argument(
        "--start",
        type=Path,
        metavar="BUNDLE",
        help="adapt this bundle's network (default: the bundle that ships)",
    )
    add_recipe_arguments(parser)
    return parser


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("name a folder of photographs: make train PHOTOS=folder")
    return Path(text)


def _train_on(options: argparse.Namespace) -> int:
    prepared, bundle = options.out / "data", options.out / "bundle"
    prepare([options.photos], prepared)
    start = _start(options)
    trained = _from_scratch(options) if start is None else _adapted(start, options)
    if not trained:
        return STOPPED
    outcome = index_folder(options.photos, bundle)
    print(f"{bundle}: the model, and an index of {options.photos}. To serve it:")
    print(f"IMAGESEARCH_BUNDLE={bundle} make run")
    return SOME_FAILED if outcome.failed else DONE


def _start(options: argparse.Namespace) -> "Start | None":
    """Return the bundle to start from; None where a recipe, or want of a bundle, rules it out."""
    if options.recipe not in (None, ADAPTED):
        return None
    from model.training.anchor import open_start  # noqa: PLC0415 - imports TensorFlow

    try:
        return open_start(options.start or BUNDLED)
    except (BundleError, TrainingError) as error:
        if options.start or options.recipe:
            raise
        print(f"{error} So the training starts from scratch.", file=sys.stderr)
        return None


def _adapted(start: "Start", options: argparse.Namespace) -> bool:
    """Adapt, and return whether it was done to its end."""
    from model.training.adapting import adapt  # noqa: PLC0415 - imports TensorFlow

    prepared = options.out / "data"
    wanted = told(options, options.out, str(prepared))
    return adapt(start, prepared, options.out, wanted) == "done"


def _from_scratch(options: argparse.Namespace) -> bool:
    """Train and export a recipe, and return whether it was done to its end."""
    from model.training.export import export  # noqa: PLC0415 - imports TensorFlow
    from model.training.train import train  # noqa: PLC0415

    prepared, job_dir = options.out / "data", options.out / "logs"
    if train(told(options, job_dir, str(prepared))).ended == "stopped":
        return False
    export(job_dir, options.out / "bundle")
    return True


if __name__ == "__main__":
    sys.exit(main())
