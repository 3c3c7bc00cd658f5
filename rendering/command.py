"""The command line: `python -m rendering --out gallery --count 320 --views 4`."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from rendering.contact import contact_pages
from rendering.job import NO_BLENDER, Options, missing, render_bridge
from rendering.storage import FolderInUseError, Record, add_records, locked, read_records

SOME_FAILED: Final = 3  # as for every command of this project


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m rendering", description=__doc__)
    add = parser.add_argument
    add("--out", type=Path, default=Path("gallery"), help="folder for pictures and records")
    add("--count", type=positive, default=320, help="number of bridges")
    add("--views", type=positive, default=4, help="pictures of each bridge")
    add("--first", type=int, default=0, help="seed of the first bridge")
    add("--skip", type=int, nargs="*", default=[], help="seeds to leave out")
    add("--longest", type=positive, default=768, help="pixels of the longer side")
    add("--samples", type=positive, default=2, help="paths traced for each pixel")
    add("--jobs", type=positive, default=os.cpu_count() or 1, help="bridges rendered at a time")
    add("--contact-sheets", type=Path, default=Path("build/contact"), help="folder for them")
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    """Read a whole number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return number


def main(arguments: list[str] | None = None) -> int:
    """Render what is missing; return 0 for a full gallery, 3 if some failed, 1 if none can be.

    1 means that Blender is missing or that another run is at work in the folder.
    """
    chosen = parse(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    try:
        with locked(chosen.out):
            return fill(chosen)
    except FolderInUseError as error:
        print(f"{error}; this one leaves it alone", file=sys.stderr)
        return 1


def fill(chosen: argparse.Namespace) -> int:
    """Render what a folder lacks, show everything on contact sheets, and say what failed."""
    options = Options(chosen.out, chosen.views, chosen.longest, chosen.samples)
    seeds = [s for s in range(chosen.first, chosen.first + chosen.count) if s not in chosen.skip]
    waiting = [seed for seed in seeds if missing(seed, options)]
    if waiting and shutil.which("blender") is None:
        print(NO_BLENDER, file=sys.stderr)
        return 1
    failed = render_all(waiting, options, chosen.jobs)
    records = read_records(chosen.out)
    pages = contact_pages([chosen.out / r["path"] for r in records], chosen.contact_sheets)
    print(f"{len(records)} pictures in {chosen.out}, {failed} bridges failed")
    print(f"{len(pages)} contact sheets in {chosen.contact_sheets}")
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
    # Spawned workers do not inherit the folder's lock, which must end with this process.
    with ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn")) as pool:
        running: dict[Future[list[Record]], int] = {
            pool.submit(render_bridge, seed, options): seed for seed in seeds
        }
        for future in as_completed(running):
            error = future.exception()
            if error is not None and not isinstance(error, Exception):
                raise error
            yield running[future], error if isinstance(error, Exception) else future.result()
