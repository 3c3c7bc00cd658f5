"""The pictures that are in the gallery more than once, for review: a page, and as data."""

from typing import Final

from flask import Blueprint, render_template, url_for

from app import arguments, schema
from app.api_images import summary
from app.conditional import of_the_bundle
from app.live import settings, snapshot
from app.openapi import checked_query
from app.paging import Pages
from model.duplicates import Copy, Group, groups_of

blueprint = Blueprint("duplicates", __name__)

# Of a group of more pictures than this the first are shown; `count` tells how many it has.
_MOST: Final = 48


@blueprint.get("/duplicates")
@of_the_bundle
def page() -> str:
    """Show the groups of copies, page by page, the largest picture of each first."""
    held = snapshot()
    part = Pages.asked(held.gallery.count_copies(), settings().results)
    groups = groups_of(held.bundle, offset=part.offset, limit=part.size, most=_MOST)
    known = held.gallery.knows_copies
    return render_template("duplicates.html", groups=groups, known=known, pages=part)


def duplicates() -> schema.DuplicateList:
    """List the pictures that are in the gallery more than once, in groups of copies.

    They were found when the folder was indexed. A group of one picture lies in several files that
    are the same byte for byte.
    """
    wanted: arguments.Paging = checked_query()
    held, end = snapshot(), wanted.offset + wanted.limit
    total = held.gallery.count_copies()
    groups = groups_of(held.bundle, offset=wanted.offset, limit=wanted.limit, most=_MOST)
    following = url_for("api.duplicates", limit=wanted.limit, offset=end)
    return schema.DuplicateList(
        known=held.gallery.knows_copies,
        total=total,
        groups=[_group(group) for group in groups],
        next=following if end < total else None,
    )


def _group(group: Group) -> schema.DuplicateGroup:
    return schema.DuplicateGroup(
        count=group.count,
        images=[_image(copy, largest=place == 0) for place, copy in enumerate(group.copies)],
    )


def _image(copy: Copy, *, largest: bool) -> schema.DuplicateImage:
    record = copy.record
    return schema.DuplicateImage(
        format=record.format,
        bytes=record.bytes,
        path=record.path,
        elsewhere=copy.elsewhere,
        similarity=copy.similarity,
        largest=largest,
        **summary(record),
    )
