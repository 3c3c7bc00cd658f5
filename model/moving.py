"""The verb `move`: copies a collection into the engine, or back into the bundle.

Both ways only what is missing travels, so a move that was interrupted goes on where it stopped, and
one after an `index` takes over what changed. At the end both sides are counted and hashed.
"""

import argparse
import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from model import bundle as bundles
from model.bundle import GalleryInfo, Manifest, hash_of, of_index, open_bundle, pack_roles
from model.command import DONE
from model.gallery import Gallery
from model.locking import holding
from model.progress import Progress
from model.publishing import publish_index
from model.ranking import IndexUnavailable
from model.ranking.collection import Address, Collection, EngineError, content_of
from model.ranking.engine import BATCH, Engine, digest, item_of
from model.ranking.filling import fill
from model.ranking.opening import EMBEDDED
from model.sketch import Sketch

DESCRIPTION: Final = (
    "Copy the embeddings of a bundle, and what its pictures can be chosen by, into a collection of "
    "Milvus; or, with --to embedded, the embeddings of one back into the bundle. Interrupted, it "
    "goes on where it stopped. Needs requirements-engine.txt."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.description = DESCRIPTION
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle")
    parser.add_argument(
        "--to", required=True, metavar="INDEX", help=f"milvus://host:port/name, or {EMBEDDED}"
    )
    parser.add_argument(
        "--from", dest="source", metavar="INDEX", default=EMBEDDED, help="default: %(default)s"
    )
    parser.set_defaults(run=move)


def move(options: argparse.Namespace) -> int:
    """Copy, check, and say what was done."""
    if (options.to == EMBEDDED) == (options.source == EMBEDDED):
        raise EngineError(
            f"A move has one end in the bundle and one in Milvus: --to milvus://..., or --from "
            f"milvus://... --to {EMBEDDED}."
        )
    try:
        if options.to == EMBEDDED:
            bundles.read_manifest(options.bundle)
            with holding(options.bundle):
                print(fetch(Address.parse(options.source), options.bundle))
        else:
            print(fill(Address.parse(options.to), open_bundle(options.bundle)))
    except IndexUnavailable as error:
        raise EngineError(f"{error} What has arrived is kept: the same command goes on.") from error
    return DONE


def fetch(address: Address, folder: Path) -> str:
    """Take the embeddings of a collection into a bundle, and return a sentence about it.

    The bundle's own may be missing or damaged; its records say which pictures it has. Raises
    EngineError, BundleError, and IndexUnavailable where the server goes away.
    """
    manifest, generation = bundles.read_manifest(folder), bundles.generation(folder)
    if manifest.gallery is None:
        bundles.fail(folder, "gallery", "has no pictures to fetch for.", bundles.INDEX_REMEDY)
    scratch = _scratch(folder, generation)
    collection = Collection(address, manifest.files["encoder"].sha256, content_of(manifest))
    fetched = _fetched(collection, manifest, folder, scratch)
    collection.close()
    if bundles.generation(folder) != generation:
        raise EngineError(f"The bundle {folder} was replaced meanwhile. Move again.")
    told = _publish(folder, manifest, manifest.gallery, fetched)
    shutil.rmtree(scratch)
    return f"{folder}: {manifest.gallery.count:,} embeddings from {address}, {told}."


def _scratch(folder: Path, generation: str) -> Path:
    """Return where a move into this generation is written; what others left is deleted."""
    scratch = folder / f".move-{generation}"
    for other in folder.glob(".move-*"):
        if other != scratch:
            shutil.rmtree(other)
    scratch.mkdir(exist_ok=True)
    return scratch


def _fetched(collection: Collection, manifest: Manifest, folder: Path, scratch: Path) -> Path:
    """Fetch the embeddings of all rows into a file, from the first that it lacks, and return it."""
    packs = [folder / manifest.files[role].name for role in pack_roles(manifest.files)]
    gallery = Gallery(folder / manifest.files["records"].name, packs, folder)
    shape = (gallery.count, manifest.model.dimensions)
    engine = Engine(collection, gallery, shape)
    path, reached = scratch / "embeddings", scratch / "reached"
    begun = int(reached.read_text()) if reached.exists() else 0
    array = open_memmap(path, "r+" if begun else "w+", dtype=np.float32, shape=shape)
    progress = Progress("moved", gallery.count)
    progress.step(begun)
    for start in range(begun, gallery.count, BATCH):
        rows = range(start, min(start + BATCH, gallery.count))
        array[start : rows.stop] = _read(engine, gallery.ids(rows), collection.address)
        array.flush()
        (scratch / "next").write_text(str(rows.stop))
        (scratch / "next").replace(reached)
        progress.step(len(rows))
    progress.finish()
    return path


def _read(engine: Engine, ids: list[str], address: Address) -> NDArray[np.float32]:
    """Return the embeddings of these pictures, each of which agrees with its own hash."""
    found: dict[str, Any] = {}
    for row in engine.stored(ids, "*"):
        item = item_of(row)
        if digest(item) != row["digest"]:
            raise EngineError(f"{address} holds a damaged picture: {item.id}. Fill it anew.")
        found[item.id] = item.embedding
    if lacking := [each for each in ids if each not in found]:
        raise EngineError(
            f"{address} lacks {len(lacking):,} of the next {len(ids):,} pictures, the first is "
            f"{lacking[0]}. It was filled from another index than this bundle has."
        )
    return np.stack([found[each] for each in ids])


def _publish(folder: Path, manifest: Manifest, gallery: GalleryInfo, fetched: Path) -> str:
    """Put the embeddings into the bundle, beside all else that it has; tell their hash."""
    old = manifest.files["embeddings"]
    files = {role: folder / entry.name for role, entry in manifest.files.items() if of_index(role)}
    files["embeddings"] = fetched
    sketch = Sketch.of(np.load(fetched, mmap_mode="r"))
    if sketch is not None:
        files["sketch"] = fetched.with_name("sketch")
        with files["sketch"].open("wb") as file:
            np.save(file, sketch.values)
    if (kept := folder / old.name).exists() and hash_of(kept) != old.sha256:
        kept.unlink()  # a damaged file of the right name would be taken for what is published
    new = publish_index(folder, files, gallery).files["embeddings"]
    how = "the very ones it had" if new.sha256 == old.sha256 else "other ones than it had"
    return f"{how}, with the hash {new.sha256[:12]}"
