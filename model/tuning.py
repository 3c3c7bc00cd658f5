"""Settings of the second look and of averaging with neighbours, measured one by one.

python -m model.tuning FOLDER --bundle B [--label FIELD] [--fewest N]

FOLDER is labelled as for `evaluate`. What stands in `second_look.py` and `variants.py` was chosen
by this, on pictures that are not used to measure: docs/training.md has the tables.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from model.command import DONE, SOME_FAILED, run
from model.evaluation.describing import describe
from model.evaluation.intervals import figures
from model.evaluation.labelled import FEWEST, parse
from model.evaluation.methods import MODEL, of_bundle
from model.evaluation.metrics import search
from model.evaluation.tables import METRICS, table
from model.second_look import DIMENSIONS, WEIGHT, packed
from model.variants import (
    Floats,
    Neighbourhood,
    Searched,
    augmented,
    expanded,
    looked_again,
    together,
)

COUNTS: Final = (1, 2, 3, 5, 10)
POWERS: Final = (0.0, 1.0, 3.0)
WEIGHTS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
SIZES: Final = (8, 16, 24, 32, 64, 128)


def main(arguments: list[str] | None = None) -> int:
    """Print a table; return the exit status."""
    options = _parser().parse_args(arguments)
    return run("tuning", lambda: _tune(options))


def settings(searched: Searched) -> Iterator[tuple[str, Floats]]:
    """Yield each setting by name, and its similarities, float32 (N, N)."""
    plain = searched.embeddings
    yield "the embedding alone", plain @ plain.T
    for count in COUNTS:
        for power in POWERS:
            by = Neighbourhood(count, power)
            yield (
                f"query expansion: k {count}, power {power:g}",
                expanded(plain, plain, by) @ plain.T,
            )
            yield f"augmented gallery: k {count}, power {power:g}", augmented(plain, by)
    if searched.cells is not None:
        yield from _looks(plain @ plain.T, searched.cells)


def _looks(similarities: Floats, cells: Floats) -> Iterator[tuple[str, Floats]]:
    for weight in WEIGHTS:
        found = looked_again(similarities, packed(cells), weight=weight)
        yield f"second look: weight {weight:g}, d {DIMENSIONS}", found
    for size in SIZES:
        found = looked_again(similarities, packed(cells, size), weight=WEIGHT)
        yield f"second look: weight {WEIGHT:g}, d {size}", found


def _tune(options: argparse.Namespace) -> int:
    chosen = parse(options.folder, label=options.label, fewest=options.fewest)
    described = describe(chosen.folder, [of_bundle(MODEL, options.bundle)])
    label_of = chosen.labeller()
    labels = np.array([label_of(name) for name in described.names])
    rows = [
        [name, *(f"{found[metric].value:.3f}" for metric in METRICS)]
        for name, similarities in settings(together(described.seen))
        for found in [figures(search(similarities, labels, chosen.fewest))]
    ]
    print(table(["setting", *METRICS], rows))
    return SOME_FAILED if described.failed else DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model.tuning", description=__doc__)
    parser.add_argument("folder", metavar="FOLDER[:LABEL[:FEWEST]]", help="labelled pictures")
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to measure")
    parser.add_argument("--label", default="", help="a field of the records (its folder)")
    parser.add_argument(
        "--fewest", type=int, default=FEWEST, help="pictures of a label (%(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
