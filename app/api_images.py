"""The gallery as data: its pictures in their order, and everything that is known of one."""

from typing import Any

from flask import request, url_for

from app import arguments, schema
from app.api_filters import counted
from app.filters import Filters
from app.live import snapshot
from app.openapi import checked_query
from app.pictures import found_or_404
from model.filters import selection
from model.gallery import Record


def images() -> schema.ImageList:
    """List the pictures of the gallery in its own order, all or those that filters leave."""
    wanted: arguments.Paging = checked_query()
    held, filters = snapshot(), Filters.from_args(request.args)
    among = selection(held.ranking.filters, filters)
    total = held.count if among is None else among.count
    end = wanted.offset + wanted.limit
    following = url_for("api.images", limit=wanted.limit, offset=end, **filters.query)
    records = held.gallery.listed(wanted.offset, wanted.limit, among)
    return schema.ImageList(
        total=total,
        images=[schema.ImageSummary(**summary(record)) for record in records],
        next=following if end < total else None,
        counts=counted(held, filters),
    )


def image(identifier: str) -> schema.ImageRecord:
    """Tell everything that is known of one picture of the gallery."""
    return described(found_or_404(identifier))


def described(record: Record) -> schema.ImageRecord:
    """Return everything that is known of a picture."""
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
