"""The command of `make evaluate`: as `python -m model evaluate`, with what each method costs.

With --publish it writes down what it found; without a folder, what was found last.
"""

import argparse
import datetime
import sys
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import machine
from benchmarks.quality import publishing, tables
from benchmarks.quality.costs import costs
from benchmarks.quality.report import FORMAT, Report
from model import command
from model.bundle import BundleError, read_manifest
from model.command import DONE, SOME_FAILED
from model.evaluation import command as evaluation
from model.evaluation.measuring import measure
from model.evaluation.methods import Method
from model.training.measured import teacher_methods, unwhitened
from model.training.teacher import TEACHER

UNWHITENED: Final = "its embedding, not whitened"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, publish; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    evaluation.add_arguments(parser, TEACHER, folders="*")
    evaluation.add_output_arguments(parser)
    parser.add_argument("--publish", action="store_true", help="write it into docs and the bundle")
    parser.add_argument(
        "--costs",
        action="store_true",
        help="measure anew what each method costs, and keep what was found last (a quiet machine)",
    )
    options = parser.parse_args(arguments)
    if options.costs and (options.folders or not options.publish):
        parser.error("--costs goes with --publish, and without a folder")
    if not (options.folders or options.publish):
        parser.error("which folder is to be measured?")
    return command.run("evaluate", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    if options.costs:
        return _costs(options)
    if not options.folders:
        return _publish(publishing.read(), options.bundle)
    if not options.publish:
        return evaluation.evaluate(options, teacher_methods)
    described = machine.describe()
    methods, missing = _methods(options)
    outcome = measure(
        evaluation.sets_of(options), methods, dimensions=options.dimensions, worst=options.worst
    )
    model = read_manifest(options.bundle).model
    report = Report(
        format=FORMAT,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        machine=described,
        recipe=model.recipe,
        checkpoint=model.checkpoint_sha256,
        sets=tuple(outcome.sets),
        costs=costs(methods),
        shortened=tuple(outcome.shortened),
        worst=tuple(outcome.worst),
        missing=missing,
    )
    _publish(report, options.bundle)
    return SOME_FAILED if outcome.failed else DONE


def _methods(options: argparse.Namespace) -> tuple[list[Method], dict[str, str]]:
    """Return all that is measured, and what cannot be, with the reason."""
    methods, missing = evaluation.methods_of(options, teacher_methods)
    plain = unwhitened(UNWHITENED, options.bundle)
    return [*methods[:2], *([plain] if plain else []), *methods[2:]], missing


def _costs(options: argparse.Namespace) -> int:
    report, described = publishing.read(), machine.describe()
    found = {cost.method: cost for cost in costs(_methods(options)[0])}
    if absent := [cost.method for cost in report.costs if cost.method not in found]:
        raise command.CommandError(f"Not among what is measured now: {', '.join(absent)}.")
    anew = tuple(found[cost.method] for cost in report.costs)
    report = msgspec.structs.replace(report, costs=anew, machine=described)
    return _publish(report, options.bundle)


def _publish(report: Report, bundle: Path) -> int:
    if report.checkpoint != read_manifest(bundle).model.checkpoint_sha256:
        problem = f"The bundle {bundle} holds another model than the one that was measured."
        raise BundleError("encoder", problem, "make evaluate with its folders, and --publish.")
    report = publishing.publish(report, bundle)
    print(tables.markdown(report))
    print(f"Table, charts and figures are in {publishing.FIGURES}.", file=sys.stderr)
    for weak in report.worst:
        if not weak.reason:
            print(f"{publishing.REASONS} has no reason for {weak.name}.", file=sys.stderr)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
