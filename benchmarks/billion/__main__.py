"""What a billion pictures would take: python -m benchmarks.billion [--memory 64 --cores 16 ...].

It reads what `python -m benchmarks.growth --publish` measured, and prints tables in which every
line says what was measured and what is assumed. With --publish they go into docs/scaling.md.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.billion.arithmetic import Assumed
from benchmarks.billion.tables import markdown
from benchmarks.growth import results
from benchmarks.marks import replace
from benchmarks.worker import ROOT
from model import command
from model.command import DONE, CommandError

FIGURES: Final = ROOT / "docs" / "figures" / "growth.json"
PAGE: Final = ROOT / "docs" / "scaling.md"
BEGIN: Final = "<!-- benchmarks.billion -->"
_TOLD: Final = {
    "memory": "GB of a machine",
    "cores": "of a machine",
    "share": "of the memory that an index may fill, 0 to 1",
    "core_hour": "money for a core and hour",
    "memory_hour": "money for a GB of memory and hour",
    "disk_month": "money for a GB of disk and month",
}


def main(arguments: list[str] | None = None) -> int:
    """Print the plan; return the exit status."""
    options = _parser().parse_args(arguments)
    return command.run("billion", lambda: _run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.billion", description=__doc__)
    parser.add_argument("--figures", type=Path, default=FIGURES, help="what was measured")
    for name, value in asdict(Assumed()).items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=_positive(type(value)),
            default=value,
            help=f"{_TOLD[name]} (%(default)s)",
        )
    parser.add_argument("--publish", action="store_true", help="write it into docs/scaling.md")
    return parser


def _run(options: argparse.Namespace) -> int:
    assumed = Assumed(**{name: getattr(options, name) for name in asdict(Assumed())})
    try:
        text = markdown(results.read(options.figures), assumed)
    except msgspec.DecodeError as error:
        raise CommandError(
            f"{options.figures} is not what benchmarks.growth writes ({error}). Measure again: "
            "python -m benchmarks.growth --publish"
        ) from error
    if options.publish:
        replace(PAGE, BEGIN, text)
    print(text)
    return DONE


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if (value := kind(text)) <= 0:
            raise argparse.ArgumentTypeError(f"{text} is not more than 0")
        return value

    return parse


if __name__ == "__main__":
    sys.exit(main())
