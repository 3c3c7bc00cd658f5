"""`python -m model export-gallery` and `import-gallery`."""

import argparse
from pathlib import Path
from typing import Final

from model.collection.exporting import Exported, export_gallery
from model.collection.importing import import_gallery
from model.command import DONE, SOME_FAILED
from model.origins import origin_of

EXPORTING: Final = (
    "Write the gallery of a bundle as a folder of standard formats: records as JSON Lines, "
    "embeddings as NPY, thumbnails as WebP. A folder of that name is replaced if it is an earlier "
    "export. The model is not part of it, nor are the original files."
)
IMPORTING: Final = (
    "Make the index of a bundle from a folder that export-gallery wrote. The bundle must have the "
    "model that made it. Every file is checked first; the index that the bundle had is replaced."
)


def add_export_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `export-gallery` takes."""
    parser.description = EXPORTING
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to read")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument(
        "--without-pictures",
        action="store_true",
        help="leave the thumbnails out; what is written cannot be imported then",
    )
    parser.set_defaults(run=export)


def add_import_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `import-gallery` takes."""
    parser.description = IMPORTING
    parser.add_argument("folder", type=Path, help="what export-gallery wrote")
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to import into")
    parser.add_argument("--model", type=Path, help="take the model from this bundle")
    parser.add_argument(
        "--photos",
        help="where the pictures themselves lie: indexing them later reads only what changed",
    )
    parser.set_defaults(run=bring_in)


def export(options: argparse.Namespace) -> int:
    """Write the gallery and say what was written."""
    done = export_gallery(options.bundle, options.out, pictures=not options.without_pictures)
    shown = "no pictures" if options.without_pictures else "their thumbnails"
    print(
        f"{options.out}: {done.count:,} records, as many embeddings of {done.dimensions} numbers, "
        f"and {shown}. The original files are not part of it."
    )
    return _gone(done)


def bring_in(options: argparse.Namespace) -> int:
    """Import the gallery and say so."""
    folder, bundle = options.folder, options.bundle
    photos = origin_of(options.photos) if options.photos else None
    count = import_gallery(folder, bundle, model=options.model, photos=photos)
    print(f"{bundle}: {count:,} pictures, each with the thumbnails that were exported.")
    return DONE


def _gone(done: Exported) -> int:
    if not done.standing_in:
        return DONE
    first = done.standing_in[0]
    print(
        f"{len(done.standing_in):,} linked pictures, such as {first}, are not where they were, or "
        "were changed: their small thumbnails stand in for the large ones."
    )
    return SOME_FAILED
