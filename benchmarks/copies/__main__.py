"""How rightly copies are told: python -m benchmarks.copies FOLDER[:LABEL] ... --bundle B.

Copies are made of some pictures of each folder, by changes that happen to pictures on their way,
and all its pictures are compared with one another: those are different, as far as the folder has no
copies, and those of one label are views of one thing. --speed groups synthetic signatures instead.
"""

import argparse
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np

from benchmarks.copies.telling import WAYS, Told, tell
from model.bundle import read_manifest
from model.command import DONE, run
from model.copies import WORDS
from model.duplicates import find_groups
from model.encoder import Encoder
from model.evaluation.labelled import parse
from model.evaluation.tables import table


def main(arguments: list[str] | None = None) -> int:
    """Measure and print tables; return the exit status."""
    options = _parser().parse_args(arguments)
    return run("copies", lambda: _speeds(options.speed) if options.speed else _tell(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.copies", description=__doc__)
    parser.add_argument("folders", metavar="FOLDER[:LABEL]", nargs="*", help="pictures")
    parser.add_argument("--bundle", type=Path, default="model/bundle", help="whose encoder is used")
    parser.add_argument("--most", type=int, help="look at the first so many of each folder only")
    parser.add_argument(
        "--changed", type=int, default=100, help="pictures of each to make copies of (%(default)s)"
    )
    parser.add_argument("--speed", type=int, nargs="*", help="numbers of synthetic signatures")
    return parser


def _tell(options: argparse.Namespace) -> int:
    encoder = Encoder(options.bundle / read_manifest(options.bundle).files["encoder"].name)
    found = []
    for text in options.folders:
        chosen = parse(text)
        told = tell(chosen, encoder, most=options.most, changed=options.changed)
        found.append(told)
        print(f"{told.name}: {told.pictures:,} pictures.", file=sys.stderr, flush=True)
    print(_missed(found), _wrong(found), *map(_same, found), sep="\n\n")
    return DONE


def _missed(found: list[Told]) -> str:
    heads = ["changed", "copies", *WAYS]
    rows = [
        [f"{told.name}: {change}", f"{told.changed}", *(f"{missed[way]}" for way in WAYS)]
        for told in found
        for change, missed in told.missed.items()
    ]
    return f"Copies that were missed.\n\n{table(heads, rows)}"


def _wrong(found: list[Told]) -> str:
    heads = ["different pictures", "pairs", *WAYS]
    rows = []
    for told in found:
        for place, what in enumerate(("all", "of one label")):
            counts = (f"{told.wrong[way][place]:,}" for way in WAYS)
            rows.append([f"{told.name}: {what}", f"{told.pairs[place]:,}", *counts])
    return f"Pairs that were taken for the same picture.\n\n{table(heads, rows)}"


def _same(told: Told) -> str:
    pairs = "".join(f"\n- `{one}`, `{other}`" for one, other in told.same)
    return f"{told.name}, taken for the same picture:{pairs or ' none.'}"


def _speeds(counts: list[int]) -> int:
    rows = [[f"{count:,}", *_speed(count)] for count in counts]
    heads = ["pictures", "groups", "seconds of one core", "most memory, MB"]
    print(table(heads, rows))
    return DONE


def _speed(count: int) -> tuple[str, str, str]:
    """Group signatures as they are of different pictures, and of copies of each hundredth."""
    random = np.random.default_rng(1)
    signatures = random.integers(0, 2**64, (count, WORDS), np.uint64)
    copied = signatures[: count // 100]
    signatures[-len(copied) :] = copied ^ (np.arange(WORDS) < 4).astype(np.uint64)
    tracemalloc.start()
    begun = time.process_time()
    groups = find_groups(signatures)
    taken = time.process_time() - begun
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"{len(groups):,}", f"{taken:.1f}", f"{(most + signatures.nbytes) / 1e6:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
