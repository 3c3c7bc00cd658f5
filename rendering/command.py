"""The command line: `python -m rendering --out gallery --count 36 --views 4`."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from rendering.contact import contact_sheet
from rendering.job import NO_BLENDER, Options, missing, render_bridge
from rendering.storage import Record, add_records, read_records

SOME_FAILED: Final = 3  # as for every command of this project


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m rendering", description=__doc__)
    add = parser.add_argument
    add("--out", type=Path, default=Path("gallery"), help="folder for pictures and records")
    add("--count", type=positive, default=36, help="number of bridges")
    add("--views", type=positive, default=4, help="pictures of each bridge")
    add("--first", type=int, default=0, help="seed of the first bridge")
    add("--skip", type=int, nargs="*", default=[], help="seeds to leave out")
    add("--width", type=positive, default=640, help="pixels across a 3:2 picture")
    add("--samples", type=positive, default=3, help="paths traced for each pixel")
    add("--jobs", type=positive, default=os.cpu_count() or 1, help="bridges rendered at a time")
    add("--contact-sheet", type=Path, help="write a sheet of all pictures to this file")
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    """Read a whole number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return number


def main(arguments: list[str] | None = None) -> int:
    """Render what is missing; return 0 for a full gallery, 3 if some failed, 1 without Blender."""
    chosen = parse(arguments)
    options = Options(chosen.out, chosen.views, chosen.width, chosen.samples)
    seeds = [s for s in range(chosen.first, chosen.first + chosen.count) if s not in chosen.skip]
    chosen.out.mkdir(parents=True, exist_ok=True)
    waiting = [seed for seed in seeds if missing(seed, options)]
    if waiting and shutil.which("blender") is None:
        print(NO_BLENDER, file=sys.stderr)
        return 1
    failed = render_all(waiting, options, chosen.jobs)
    records = read_records(chosen.out)
    if chosen.contact_sheet:
        contact_sheet([chosen.out / r["path"] for r in records], chosen.contact_sheet)
    print(f"{len(records)} pictures in {chosen.out}, {failed} bridges failed")
    return SOME_FAILED if failed else 0


def render_all(seeds: list[int], options: Options, jobs: int) -> int:
    """Render bridges side by side and save their records as they come; return how many failed."""
    failed, began = 0, time.monotonic()
    for done, (seed, outcome) in enumerate(outcomes(seeds, options, jobs), start=1):
        if isinstance(outcome, Exception):
            failed += 1
            print(f"bridge {seed} skipped: {outcome}", file=sys.stderr, flush=True)
        records = getattr(outcome, "records", []) if isinstance(outcome, Exception) else outcome
        add_records(options.out, records)
        left = (time.monotonic() - began) / done * (len(seeds) - done)
        print(f"{done}/{len(seeds)} bridges, about {left / 60:.0f} min left", flush=True)
    return failed


def outcomes(
    seeds: list[int], options: Options, jobs: int
) -> Iterator[tuple[int, list[Record] | Exception]]:
    """Yield each bridge's records, or the error that stopped it, in the order of finishing."""
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        running: dict[Future[list[Record]], int] = {
            pool.submit(render_bridge, seed, options): seed for seed in seeds
        }
        for future in as_completed(running):
            error = future.exception()
            if error is not None and not isinstance(error, Exception):
                raise error
            yield running[future], error if isinstance(error, Exception) else future.result()
