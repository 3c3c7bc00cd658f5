"""Makes the index of a bundle from an exported gallery: nothing is decoded anew, or encoded."""

import tempfile
from pathlib import Path

from model.bundle import INDEX_REMEDY, GalleryInfo, read_manifest
from model.collection.building import Builder, Built
from model.collection.layout import RECORDS, Export
from model.collection.reading import pictures_of, read_arrays, read_export, refuse
from model.locking import holding
from model.origins import Folder, Origin
from model.progress import Progress
from model.publishing import adopt_model, publish_index


def import_gallery(
    folder: Path, bundle: Path, *, model: Path | None = None, photos: Origin | None = None
) -> int:
    """Put the gallery that was exported to `folder` into `bundle`; return how many pictures it has.

    model: a bundle whose model `bundle` gets, too. photos: where the pictures themselves lie,
    if that is known: indexing it later takes over what did not change. Else the gallery stands
    alone.

    Raises CollectionError for an export that is damaged, foreign or of another model, and
    BundleError for a bundle without a model, and locking.Busy while another command writes into
    the bundle. The index that the bundle has is then kept.
    """
    export = read_export(folder)
    _check_model(folder, model or bundle, export)
    bundle.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=bundle, prefix=".index-") as scratch:
        built = _build(Path(scratch), folder, export)
        gallery = GalleryInfo(
            count=export.count,
            root=(photos or Folder(folder)).root(bundle),
            encoder_sha256=export.model.encoder_sha256,
            title=export.title,
            map=built.map,
        )
        if model is not None:
            adopt_model(bundle, model)
        with holding(bundle):
            publish_index(bundle, built.files, gallery)
    return export.count


def _check_model(folder: Path, bundle: Path, export: Export) -> None:
    """Refuse embeddings that the encoder of the bundle could not have made."""
    manifest = read_manifest(bundle)
    ours, theirs = manifest.model, export.model
    same = theirs.encoder_sha256 == manifest.files["encoder"].sha256
    alike = (theirs.dimensions, theirs.loader_version) == (ours.dimensions, ours.loader_version)
    if not (same and alike):
        problem = f"was made with another model than {bundle} has: their embeddings do not compare."
        again = INDEX_REMEDY.format(bundle=bundle)
        remedy = f"Encode the pictures again ({again}), or name its model's bundle with --model."
        refuse(folder, problem, remedy)
    if export.count < 1:
        refuse(folder, "has no pictures.")


def _build(scratch: Path, folder: Path, export: Export) -> Built:
    progress = Progress("imported", export.count)
    with Builder(scratch, folder, export, read_arrays(folder, export)) as builder:
        for line, small, large in pictures_of(folder, export):
            if not builder.add(line, small, large):
                refuse(folder, f"has a picture or path twice: line {line.row + 1:,} of {RECORDS}.")
            progress.step()
        progress.finish()
        return builder.finish()
