"""`python -m model map`: lays the gallery of a bundle out anew, by a projection."""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.bundle import Bundle, open_bundle, read_manifest
from model.command import DONE, CommandError
from model.locking import holding
from model.mapping import projection
from model.mapping.atlas import MiniWriter, save
from model.mapping.making import SORTED, described
from model.mapping.minis import Mini, mini_from
from model.mapping.plane import Cells
from model.mapping.sorting import laid_out
from model.progress import Progress
from model.publishing import publish_map

DESCRIPTION = (
    "Give every picture of the gallery a place on the map anew, like beside like: by t-SNE, and "
    "then one place for each. Indexing keeps those places. Needs requirements-map.txt."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = DESCRIPTION
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to map")
    parser.add_argument("--jobs", type=int, help="processors (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="another one gives another map")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Map the gallery and say so."""
    read_manifest(options.bundle)
    with holding(options.bundle) as work:
        return _mapped(options, work)


def _mapped(options: argparse.Namespace, work: Path) -> int:
    bundle = open_bundle(options.bundle)
    cells, method = _laid_out(np.asarray(bundle.embeddings), options)
    info = described(method, cells)
    with tempfile.TemporaryDirectory(dir=work) as scratch:
        files = {role: Path(scratch) / role for role in ("map", "minis")}
        save(_minis(bundle, files["minis"]), cells, files["map"])
        publish_map(options.bundle, files, info, bundle.manifest)
    print(f"{options.bundle}: {len(cells):,} pictures on {info.columns} by {info.lines} places.")
    return DONE


def _laid_out(embeddings: NDArray[np.float32], options: argparse.Namespace) -> tuple[Cells, str]:
    if len(embeddings) < projection.FEWEST:
        return laid_out(embeddings), SORTED
    try:
        cells = projection.projected(embeddings, jobs=options.jobs, seed=options.seed)
    except ModuleNotFoundError as error:
        raise CommandError(
            f"it needs {error.name}: requirements-map.txt has it. Until then the map stays as "
            "indexing made it."
        ) from error
    return cells, projection.name()


def _minis(bundle: Bundle, pack: Path) -> NDArray[np.void]:
    """Write the minis again, and return the table without places. What lacks one gets one."""
    count = len(bundle.embeddings)
    writer = MiniWriter(pack, count)
    progress = Progress("drawn for the map", count)
    for mini in _every_mini(bundle, count):
        writer.add(mini)
        progress.step()
    if bundle.atlas is None:
        progress.finish()
    return writer.close()


def _every_mini(bundle: Bundle, count: int) -> Iterator[Mini]:
    for row in range(count):
        if bundle.atlas is not None:
            yield bundle.atlas.mini(row)
        else:
            yield mini_from(bundle.gallery.stored(bundle.gallery.record(row), "small"))
