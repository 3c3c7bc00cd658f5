"""What is in a bundle whose files are whole: whether it can be searched and shown."""

import numpy as np

from model.bundle import CALIBRATION_REMEDY, INDEX_REMEDY, Bundle
from model.doctor.finding import Finding, note, ok, wrong
from model.encoder import Encoder
from model.folders import path_of
from model.gallery import Record
from model.images import load
from model.ranking import Index
from model.ranking.interface import spread

# Pictures that are encoded again, and looked at.
_ENCODED = 9
_LOOKED_AT = 64
# How alike pictures of the gallery and their large thumbnails are, most of them. A thumbnail is
# compressed and may be smaller: of the gallery that ships the least alike is so at .997, the narrow
# side of a panorama loses more.
_ALIKE = 0.9
# How far from one the length of an embedding may be, by rounding.
_LENGTH = 1e-3


def encoder(bundle: Bundle) -> Finding:
    """Say whether the encoder still makes of the gallery's pictures what the index has of them."""
    graph = Encoder(bundle.path("encoder"))
    rows = spread(bundle.gallery.count, _ENCODED)
    pictures = [load(_large(bundle, row)).pixels for row in rows]
    if not pictures:
        return note("encoder", "it was loaded; there is no picture to encode.")
    found = graph.encode(np.stack(pictures)).embedding
    alike = float(np.median(np.vecdot(found, bundle.embeddings[list(rows)])))
    if not alike >= _ALIKE:
        told = (
            "pictures of the gallery are encoded to something else than the index has of them: "
            f"{alike:.2f} alike, and {_ALIKE} at the least is right."
        )
        return wrong("encoder", told, INDEX_REMEDY.format(bundle=bundle.folder), "encoder")
    return ok("encoder", f"it makes of pictures what the index has of them: {alike:.3f} alike")


def embeddings(bundle: Bundle) -> Finding:
    """Say whether what is compared are unit vectors."""
    part = bundle.embeddings[list(spread(bundle.gallery.count, 100_000))]
    lengths = np.linalg.norm(part, axis=1)
    odd = int((~(np.abs(lengths - 1) <= _LENGTH)).sum())  # also what is no number
    if odd:
        told = f"{odd:,} of {len(part):,} are no unit vectors: they would be ranked wrongly."
        return wrong("embeddings", told, INDEX_REMEDY.format(bundle=bundle.folder), "embeddings")
    return ok("embeddings", f"{len(part):,} looked at, all of unit length")


def records(bundle: Bundle) -> Finding:
    """Say whether every record can be read, and there is one for each embedding."""
    count = sum(1 for _ in bundle.gallery.every())
    if count != len(bundle.embeddings):
        told = f"{count:,} can be read, and there are {len(bundle.embeddings):,} embeddings."
        return wrong("records", told, INDEX_REMEDY.format(bundle=bundle.folder), "records")
    return ok("records", f"all {count:,} can be read")


def thumbnails(bundle: Bundle) -> Finding:
    """Say whether all thumbnails lie within their packs, and some of them can be decoded."""
    size = sum(path.stat().st_size for path in bundle.gallery.packs.paths)
    places = bundle.gallery.places()
    ends = places[:, [0, 2]] + places[:, [1, 3]]
    beyond = int(((ends > size) | (places[:, [0, 2]] < 0)).any(axis=1).sum())
    broken = beyond or sum(not _decodes(bundle, row) for row in _some(bundle))
    if broken:
        told = f"those of {broken:,} pictures cannot be shown."
        return wrong("thumbnails", told, INDEX_REMEDY.format(bundle=bundle.folder), "thumbnails")
    return ok("thumbnails", f"all lie in their packs; {len(_some(bundle))} were decoded")


def linked(bundle: Bundle) -> Finding | None:
    """Say whether pictures that are shown from their folder are there; None: none is."""
    gallery = bundle.manifest.gallery
    if gallery is None or not gallery.linked:
        return None
    root = (bundle.folder / gallery.root).resolve()
    gone = [record.path for record in _sample(bundle) if not (root / path_of(record.path)).exists()]
    if gone:
        told = (
            f"{gone[0]} and perhaps others are no longer in {root}: small ones are shown instead."
        )
        mend = "copy the folder there, or index it without --link"
        return note("linked pictures", told, mend)
    return ok("linked pictures", f"those that were looked for are in {root}")


def calibration(bundle: Bundle) -> Finding:
    """Say whether it is known what similarities are worth."""
    if bundle.calibration is None:
        told = "there is none: that nothing looks like a picture is never said."
        return note("calibration", told, CALIBRATION_REMEDY.format(bundle=bundle.folder))
    return ok("calibration", f"{len(bundle.calibration.centres)} directions of pictures in general")


def map_(bundle: Bundle) -> Finding:
    """Say whether every picture has its place on the map."""
    atlas, count = bundle.atlas, bundle.gallery.count
    if atlas is None:
        told, mend = "there is none.", f"python -m model map --bundle {bundle.folder}"
        return note("map", told, mend)
    if not np.array_equal(np.sort(atlas.table["row"]), np.arange(count)):
        mend = f"python -m model map --bundle {bundle.folder}"
        return wrong("map", "it does not hold every picture once.", mend, "map")
    return ok("map", f"{count:,} pictures, by {atlas.info.method}")


def answering(ranking: Index) -> Finding:
    """Say whether what ranks the pictures answers, and whether it is up to date."""
    if trouble := ranking.trouble():
        mend = "start it, or fill it with python -m model move; docs/scaling.md has both"
        return wrong("index", trouble, mend)
    if told := ranking.note():
        return note("index", told)
    return ok("index", f"{ranking.count:,} pictures can be ranked")


def _some(bundle: Bundle) -> range:
    return spread(bundle.gallery.count, _LOOKED_AT)


def _sample(bundle: Bundle) -> list[Record]:
    return bundle.gallery.records(_some(bundle))


def _large(bundle: Bundle, row: int) -> bytes:
    return bundle.gallery.thumbnail(bundle.gallery.record(row), "large")


def _decodes(bundle: Bundle, row: int) -> bool:
    try:
        load(bundle.gallery.stored(bundle.gallery.record(row), "small"))
    except (OSError, ValueError):
        return False
    return True
