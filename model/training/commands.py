"""The verbs prepare, teach, train and export of `python -m model`; TensorFlow loads when one runs.

Exit status as for every verb: 0 done, 1 could not be done, 3 done but some files failed, and 130
for a training that Ctrl-C or SIGTERM stopped, to be gone on with.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.command import DONE, SOME_FAILED, STOPPED
from model.training.data import BYTES_PER_PICTURE
from model.training.preparing import prepare as prepare_folders
from model.training.teacher import DIMENSIONS, TEACHER, VIEWS, find_teacher
from model.training.teacher import teach as teach_folder

if TYPE_CHECKING:
    from model.training.job import Options


Verbs = Any  # argparse keeps the class of add_subparsers' answer to itself


def add_arguments(verbs: Verbs) -> None:
    """Add the four verbs; each sets `run`, a function from the parsed options to a status."""
    _add_prepare(verbs.add_parser("prepare", help="decode pictures once, for training"))
    _add_teach(verbs.add_parser("teach", help="ask a teacher about prepared pictures, once"))
    _add_train(verbs.add_parser("train", help="train the autoencoder, or go on with it"))
    _add_export(verbs.add_parser("export", help="write a trained network into a bundle"))


def _add_prepare(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Decode every picture below the folders to 256x256 records, 197 kB each, that training "
        "reads. Run it again after an interruption or with more pictures: it decodes what is new."
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="pictures")
    parser.add_argument("--out", type=Path, required=True, help="the prepared folder to write")
    parser.add_argument("--jobs", type=int, help="processes (default: one per core)")
    parser.add_argument(
        "--without",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="leave out near copies of any picture below it; may be given again",
    )
    parser.add_argument(
        "--grouped",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="pictures in one folder below it show the same thing; may be given again",
    )
    parser.set_defaults(run=prepare)


def _add_teach(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write what a teacher says of every prepared picture, as a whole and in crops that stay "
        "the same, into the prepared folder, for recipes that are taught. Run it again after an "
        "interruption or with more pictures: it asks about what is new. The default teacher needs "
        "what requirements-teacher.txt has; training does not."
    )
    parser.add_argument("folder", type=Path, metavar="PREPARED", help="a prepared folder")
    parser.add_argument(
        "--teacher",
        default=TEACHER,
        metavar="MODULE",
        help="a Python module with a function open_teacher (default: %(default)s)",
    )
    parser.add_argument(
        "--dimensions", type=_whole, default=DIMENSIONS, help="of a target (%(default)s)"
    )
    parser.add_argument(
        "--views",
        type=_whole,
        default=VIEWS,
        help="of each picture: itself, and so many crops less one (%(default)s)",
    )
    parser.set_defaults(run=teach)


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Train the autoencoder. Started again with the same --job-dir it goes on where it was "
        "stopped, by Ctrl-C too. Training and evaluation want different pictures of the same kind: "
        "with --train-files alone, 5 % of them are put aside by a fixed hash of their content."
    )
    parser.add_argument("--job-dir", type=Path, required=True, help="checkpoints and TensorBoard")
    parser.add_argument("--train-files", help="a prepared folder, a folder of pictures, or a glob")
    parser.add_argument(
        "--eval-files", help="the same, for evaluation (default: 5 %% of the above)"
    )
    parser.add_argument(
        "--start",
        type=Path,
        metavar="CHECKPOINT",
        help="begin with the weights of this .keras file, of the same network",
    )
    add_recipe_arguments(parser)
    parser.set_defaults(run=train)


def add_recipe_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what changes a recipe, and how often a checkpoint is written."""
    parser.add_argument("--recipe", help="a file of model/training/recipes (default: tutorial)")
    parser.add_argument("--num-epochs", type=_whole, help="passes over the pictures")
    parser.add_argument("--batch-size", type=_whole, help="pictures in a step")
    parser.add_argument("--learning-rate", type=_positive, help="of Adam, at its highest")
    parser.add_argument("--seed", type=int, help="of weights, order and variation (default: 0)")
    parser.add_argument(
        "--mixed-precision",
        choices=("auto", "float32", "bfloat16"),
        help="what to compute in (default: bfloat16 where the processor has it, else float32)",
    )
    parser.add_argument(
        "--checkpoint-steps", type=_whole, default=500, help="steps between checkpoints (500)"
    )


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write the newest checkpoint of a job into a bundle: the network, and its encoder and "
        "decoder for LiteRT, after checking that both runtimes agree on real pictures."
    )
    parser.add_argument("--job-dir", type=Path, required=True, help="the job that was trained")
    parser.add_argument("--out", type=Path, required=True, help="the bundle")
    parser.add_argument("--data", default="", help="what was trained on, for the model card")
    parser.add_argument(
        "--quantize",
        action="store_true",
        help="let the encoder's convolutions compute in 8-bit integers, if that agrees well enough",
    )
    parser.add_argument(
        "--seen",
        type=Path,
        metavar="BUNDLE",
        help="a bundle whose training pictures the network has seen in a training before, too",
    )
    parser.set_defaults(run=export)


def prepare(options: argparse.Namespace) -> int:
    """Prepare and say what became of the files."""
    outcome = prepare_folders(
        options.folders,
        options.out,
        jobs=options.jobs,
        unlike=options.without,
        grouped=options.grouped,
    )
    size = outcome.pictures * BYTES_PER_PICTURE / 1e6
    near = f"{outcome.near:,} left out as near copies, " if options.without else ""
    print(
        f"{options.out}: {outcome.pictures:,} pictures, {size:,.0f} MB; {outcome.decoded:,} "
        f"decoded now, {outcome.duplicates:,} the same as another, {near}"
        f"{len(outcome.failed):,} unreadable."
    )
    return SOME_FAILED if outcome.failed else DONE


def teach(options: argparse.Namespace) -> int:
    """Teach and say where the targets are."""
    done = teach_folder(
        options.folder,
        find_teacher(options.teacher),
        dimensions=options.dimensions,
        views=options.views,
    )
    print(
        f"{done.path}: {done.pictures:,} pictures by {done.teacher}, {done.views} views each; "
        f"{done.described:,} of them described now."
    )
    return DONE


def train(options: argparse.Namespace) -> int:
    """Train and say how it ended."""
    from model.training.train import train as run  # noqa: PLC0415 - imports TensorFlow

    wanted = told(options, options.job_dir, options.train_files, options.eval_files)
    result = run(replace(wanted, start=options.start))
    print(f"{result.ended} after step {result.state.step:,}: {result.checkpoint}")
    return STOPPED if result.ended == "stopped" else DONE


def told(
    options: argparse.Namespace,
    job_dir: Path,
    train_files: str | None,
    eval_files: str | None = None,
) -> "Options":
    """Return what the command line says of a training."""
    from model.training.job import Options  # noqa: PLC0415 - imports TensorFlow

    return Options(
        job_dir=job_dir,
        train_files=train_files,
        eval_files=eval_files,
        recipe=options.recipe,
        num_epochs=options.num_epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        precision=options.mixed_precision,
        seed=options.seed,
        checkpoint_steps=options.checkpoint_steps,
    )


def export(options: argparse.Namespace) -> int:
    """Export and say what the bundle now holds."""
    from model.training.export import Origin  # noqa: PLC0415 - imports TensorFlow
    from model.training.export import export as run  # noqa: PLC0415

    manifest = run(
        options.job_dir,
        options.out,
        origin=Origin(options.data, options.seen),
        quantize=options.quantize,
    )
    model = manifest.model
    print(
        f"{options.out}: recipe {model.recipe}, {model.dimensions} dimensions, "
        + ", ".join(f"{name} {value:.4g}" for name, value in model.measures.items())
    )
    return DONE


def _whole(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not greater than 0")
    return value
