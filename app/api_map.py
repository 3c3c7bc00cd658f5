"""The map as data: where every picture has its place."""

from flask import url_for

from app import schema
from app.live import snapshot
from app.openapi import checked_query
from model.mapping.atlas import MapInfo


def places() -> schema.GalleryMap:
    """Tell where every picture of the gallery hangs on its map, in the gallery's own order.

    Pictures that look alike hang near each other. A gallery that has no map answers without places.
    """
    wanted: schema.MapPart = checked_query()
    tiles, end = snapshot().tiles, wanted.offset + wanted.limit
    info = tiles.atlas.info if tiles else MapInfo(method="", columns=0, lines=0)
    total = snapshot().count if tiles else 0
    cells = tiles.atlas.cells[wanted.offset : end].tolist() if tiles else []
    ids = snapshot().gallery.identifiers(wanted.offset, wanted.limit) if tiles else []
    following = url_for("api.places", limit=wanted.limit, offset=end)
    return schema.GalleryMap(
        method=info.method,
        columns=info.columns,
        lines=info.lines,
        joined=info.joined,
        total=total,
        places=[
            schema.MapPlace(id=identifier, column=column, line=line)
            for identifier, (column, line) in zip(ids, cells, strict=True)
        ],
        next=following if end < total else None,
    )
