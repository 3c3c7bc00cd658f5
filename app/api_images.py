"""The gallery as data: its pictures in their order, and everything that is known of one."""

from typing import Any

from flask import request, url_for

from app import schema
from app.live import snapshot
from app.pictures import found_or_404
from model.gallery import Record


def images() -> schema.ImageList:
    """List the pictures of the gallery in its own order, all or those that carry a tag."""
    wanted: schema.Listing = request.context.query  # type: ignore[attr-defined]  # spectree puts it there
    gallery, tag = snapshot().gallery, wanted.tag or None
    total = gallery.count_of(tag)
    records = gallery.page(wanted.offset, wanted.limit, tag)
    end = wanted.offset + wanted.limit
    following = url_for("api.images", limit=wanted.limit, offset=end, tag=tag)
    return schema.ImageList(
        total=total,
        images=[schema.ImageSummary(**summary(record)) for record in records],
        next=following if end < total else None,
    )


def image(identifier: str) -> schema.ImageRecord:
    """Tell everything that is known of one picture of the gallery."""
    record = found_or_404(identifier)
    return schema.ImageRecord(
        alt=record.alt,
        source=record.source,
        date=record.date,
        group=record.group,
        tags=record.tags,
        details=record.details,
        format=record.format,
        colour=record.colour,
        path=record.path,
        bytes=record.bytes,
        sha256=record.sha256,
        row=record.row,
        large=url_for("pictures.thumbnail", identifier=record.id, size="large"),
        similar=url_for("api.similar", identifier=record.id),
        **summary(record),
    )


def summary(record: Record) -> dict[str, Any]:
    """Return the fields of `schema.ImageSummary`, which every answer about a picture has."""
    return {
        "id": record.id,
        "title": record.title,
        "credit": record.credit,
        "licence": record.licence,
        "width": record.width,
        "height": record.height,
        "page": url_for("pictures.page", identifier=record.id),
        "thumbnail": url_for("pictures.thumbnail", identifier=record.id, size="small"),
        "record": url_for("api.image", identifier=record.id),
    }
