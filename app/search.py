"""A search with an encoder that is borrowed: others wait for it meanwhile."""

from collections.abc import Callable, Sequence

from app.decoding import seen
from app.live import Snapshot
from app.metrics import lent, searched
from app.settings import Settings
from model import search
from model.gallery import Record
from model.images import MAX_PIXELS, Picture
from model.query import Query
from model.search import Answer, Sent, Stages, Wanted, by_query, query_of
from model.view import WHOLE, View


def by_picture(
    snapshot: Snapshot,
    sent: Sequence[Sent],
    settings: Settings,
    wanted: Wanted,
    *,
    settle: Callable[[Query], Query] = lambda query: query,
) -> tuple[list[Picture], Answer]:
    """Search with any picture, or with the mean of several.

    settle: what becomes of the query before it is used. Raises ImageError with a sentence for the
    sender, and Busy when too many others are searching.
    """
    stages = Stages()
    with stages.measure("total"):
        pictures, query = _described(snapshot, sent, settings, settings.pixels, stages)
        answer = by_query(snapshot, settle(query), wanted, stages)
    return pictures, searched(answer)


def by_record(
    snapshot: Snapshot, record: Record, view: View, settings: Settings, wanted: Wanted
) -> tuple[Picture | None, Answer]:
    """Search with a picture of the gallery, or a part of it; it is not among its own matches.

    view: of the upright original. A part is cut out of what is shown of the picture, and returned;
    None where all of it is searched with, as the index has it. Raises OutsideRegion and Busy.
    """
    if view.clipped(record.width, record.height) == WHOLE:
        return None, searched(search.by_record(snapshot, record, wanted))
    sent = part_of(snapshot, record, view)
    stages = Stages()
    with stages.measure("total"):
        # No limit of pixels: the picture was let in when it was indexed.
        (picture,), query = _described(snapshot, [sent], settings, MAX_PIXELS, stages)
        answer = by_query(snapshot, query._replace(row=record.row, whole=None), wanted, stages)
    return picture, searched(answer)


def part_of(snapshot: Snapshot, record: Record, view: View) -> Sent:
    """Return what is shown of a picture of the gallery, and how a view of the original sees it."""
    size = record.width, record.height
    return Sent(snapshot.gallery.thumbnail(record, "large"), view._replace(size=size))


def _described(
    snapshot: Snapshot, sent: Sequence[Sent], settings: Settings, max_pixels: int, stages: Stages
) -> tuple[list[Picture], Query]:
    """Decode and encode pictures."""
    # Decoding takes a slot, too: it needs more time and memory than encoding.
    with lent(snapshot.encoders, settings.wait) as encoder:
        with stages.measure("decode"):
            pictures = seen(sent, settings, max_pixels)
        with stages.measure("encode"):
            return pictures, query_of(snapshot, encoder, sent, pictures)
