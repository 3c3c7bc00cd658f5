"""The verb `evaluate`: its options, and what it prints."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from model.command import DONE, SOME_FAILED, CommandError
from model.evaluation import tables
from model.evaluation.labelled import FEWEST, Labelled, parse
from model.evaluation.measuring import Measured, Outcome, measure
from model.evaluation.methods import (
    MODEL,
    TUTORIAL,
    Method,
    baselines,
    flattened,
    named,
    of_bundle,
)
from model.publishing import publish_measures

DIMENSIONS: Final = (16, 32, 64, 128, 256, 512)

Teachers = Callable[[str], list[Method]]
DESCRIPTION: Final = (
    "Leave-one-out retrieval: one folder per bridge or type, `_other` for distractors. Prints the "
    "bundle beside baselines; HOG needs scikit-image, the rest only what serving needs."
)


class EvaluationError(CommandError):
    """Options that do not go together."""


def add_arguments(parser: argparse.ArgumentParser, teacher: str, *, folders: str = "+") -> None:
    """Add what is measured.

    teacher: the module that `--teacher` alone stands for. folders: how many, as argparse has it.
    """
    parser.add_argument(
        "folders",
        nargs=folders,
        metavar="FOLDER[:LABEL[:FEWEST]]",
        help="labelled pictures, and perhaps how they are labelled",
    )
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to measure")
    parser.add_argument(
        "--label", default="", help="what labels a picture: a field of its record (its folder)"
    )
    parser.add_argument(
        "--fewest",
        type=int,
        default=FEWEST,
        help="pictures of a label for its pictures to be queries (%(default)s)",
    )
    _add_rows(parser, teacher)
    parser.add_argument(
        "--dimensions",
        type=_whole_numbers,
        default=(),
        metavar="D,D,...",
        help="cut the bundle's embedding to so many numbers, and measure again",
    )
    parser.add_argument(
        "--worst", type=int, default=0, metavar="N", help="name the N worst queries of FOLDER 1"
    )


def _add_rows(parser: argparse.ArgumentParser, teacher: str) -> None:
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="NAME=BUNDLE",
        help="measure another bundle beside it; may be given again",
    )
    parser.add_argument(
        "--flattened",
        action="append",
        default=[],
        metavar="NAME=BUNDLE",
        help="the same, by its whole code and Euclid's distance; may be given again",
    )
    parser.add_argument(
        "--teacher",
        nargs="?",
        const=teacher,
        metavar="MODULE",
        help=f"measure the networks of a teacher, too ({teacher})",
    )


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how it is told."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--record", metavar="NAME", help="write the bundle's figures into it")


def sets_of(options: argparse.Namespace) -> list[Labelled]:
    """Return the labelled folders. Raises FolderError."""
    return [parse(text, label=options.label, fewest=options.fewest) for text in options.folders]


def methods_of(
    options: argparse.Namespace, teachers: Teachers
) -> tuple[list[Method], dict[str, str]]:
    """Return the methods, the bundle's first, and of those that cannot run what they lack.

    teachers: from a module's name to the networks of the teacher in it. Raises BundleError.
    """
    found, missing = baselines()
    methods = [
        of_bundle(MODEL, options.bundle),
        flattened(TUTORIAL, options.bundle),
        *(of_bundle(name, folder) for name, folder in named(options.also).items()),
        *(flattened(name, folder) for name, folder in named(options.flattened).items()),
    ]
    if options.teacher:
        try:
            methods += teachers(options.teacher)
        except CommandError as error:
            missing["teacher"] = str(error)
    methods += found
    _refuse_twice([method.name for method in methods])
    return methods, missing


def evaluate(options: argparse.Namespace, teachers: Teachers) -> int:
    """Print the metrics of the bundle and of everything beside it."""
    sets = sets_of(options)
    if options.record and len(sets) > 1:
        raise EvaluationError("--record needs one folder, for it has one name.")
    methods, missing = methods_of(options, teachers)
    outcome = measure(sets, methods, dimensions=options.dimensions, worst=options.worst)
    print(as_json(outcome) if options.json else as_text(outcome, missing))
    if options.record:
        publish_measures(options.bundle, measures(options.record, outcome.sets[0]))
    return SOME_FAILED if outcome.failed else DONE


def as_text(outcome: Outcome, missing: Mapping[str, str]) -> str:
    """Show everything that was measured as Markdown."""
    sets = outcome.sets
    parts = [tables.one(sets[0], missing) if len(sets) == 1 else tables.several(sets, missing)]
    parts += ["\n".join(tables.notes(sets)), tables.redrawing(sets)]
    parts += [tables.shortened(outcome.shortened)] if outcome.shortened else []
    parts += [tables.worst(outcome.worst)] if outcome.worst else []
    parts += [_near_copies(name, copies) for name, copies in outcome.copies.items() if copies]
    return "\n\n".join(part for part in parts if part)


def as_json(outcome: Outcome) -> str:
    """Tell the bundle's figures on the first set, every method's, and then everything."""
    first = outcome.sets[0]
    rows = {row.method: _values(first, row.method) for row in first.rows}
    whole = {
        "sets": outcome.sets,
        "dimensions": outcome.shortened,
        "worst": outcome.worst,
        "near_copies": outcome.copies,
    }
    return json.dumps({**rows[MODEL], "methods": rows, **msgspec.to_builtins(whole)}, indent=2)


def measures(prefix: str, measured: Measured) -> dict[str, float]:
    """Return the bundle's own figures as a manifest keeps them."""
    return {f"{prefix} {name}": value for name, value in _values(measured, MODEL).items()}


def _values(measured: Measured, method: str) -> dict[str, Any]:
    row = next(row for row in measured.rows if row.method == method)
    values = {name: figure.value for name, figure in row.figures.items()}
    return {"queries": measured.queries, **values}


def _near_copies(name: str, copies: list[str]) -> str:
    return f"Near copies of the training pictures of {name}: {', '.join(copies)}."


def _refuse_twice(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise EvaluationError(f"Two rows would be called `{name}`.")


def _whole_numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in text.split(","))
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text} has a number below 1")
    return numbers
