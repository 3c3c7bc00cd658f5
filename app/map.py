"""The map: the whole gallery on one plane, its tiles, and its regions as lists."""

import math
from typing import Final, NamedTuple

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import NotFound

from app.conditional import concluded, of_the_bundle
from app.live import Snapshot, settings, snapshot
from app.paging import Pages
from app.pictures import found_or_404
from app.regions import Point, Region, whereabouts
from app.texts import gettext
from app.tiles import DEEPEST, TILE, Tiles
from model.gallery import Record

blueprint = Blueprint("map", __name__)

_FOREVER: Final = "public, max-age=31536000, immutable"
# So many matches say where a query stands.
_MATCHES: Final = 24


class Marks(NamedTuple):
    """What is marked: the place of the query, as column and line, and those of its matches."""

    column: float
    line: float
    record: Record | None
    matches: list[tuple[int, int]]


class Part(NamedTuple):
    """One part of a region: how many pictures hang there, and the one in its middle."""

    region: Region
    pictures: int
    example: Record | None


@blueprint.get("/map")
@of_the_bundle
def page() -> str:
    """Show the map, or the region of it that the address names."""
    tiles = snapshot().tiles
    if tiles is None:
        return render_template("map.html", tiles=None, bundle=settings().bundle)
    marks = _marks(tiles)
    region = Region.at(tiles.atlas, _point(tiles, marks))
    rows = region.rows(tiles.atlas.cells).tolist()
    pages = Pages.asked(len(rows), settings().browse)
    shown = rows[pages.offset : pages.offset + pages.size]
    return render_template(
        "map.html",
        tiles=tiles,
        marks=marks,
        region=region,
        parts=_parts(snapshot(), tiles, region) if len(rows) > pages.size else [],
        records=snapshot().gallery.records(shown) if region.z or pages.last == 1 else [],
        pages=pages,
        listed=request.args.get("view") == "list",
        tile=TILE,
        deepest=DEEPEST,
    )


@blueprint.get("/map/<version>/<int:z>/<int:x>/<int:y>.webp")
def tile(version: str, z: int, x: int, y: int) -> Response:
    """Send one tile of the map."""
    tiles = _of_version(version)
    if not tiles.has(z, x, y):
        raise NotFound(gettext("The map has no such tile."))
    return _for_ever(make_response(tiles.tile(z, x, y), {"Content-Type": "image/webp"}))


@blueprint.get("/map/<version>/<int:x>/<int:y>.json")
def places(version: str, x: int, y: int) -> Response:
    """Tell which pictures one of the deepest tiles shows: id, column, line, title."""
    tiles = _of_version(version)
    if not tiles.has(tiles.depth, x, y):
        raise NotFound(gettext("The map has no such tile."))
    part = tiles.atlas.square(x * DEEPEST, y * DEEPEST, DEEPEST)
    rows = part["row"].tolist()
    cells = tiles.atlas.cells
    found = [
        (record.id, *cells[record.row].tolist(), record.title)
        for record in snapshot().gallery.records(rows)
    ]
    return _for_ever(jsonify(found))


@blueprint.get("/map/<version>/region/<int:z>/<int:x>/<int:y>.webp")
def region(version: str, z: int, x: int, y: int) -> Response:
    """Send the picture of one region."""
    tiles = _of_version(version)
    across = 2 ** min(z, 16)
    found = Region.at(tiles.atlas, Point((x + 0.5) / across, (y + 0.5) / across, z))
    if (found.z, found.x, found.y) != (z, x, y):
        raise NotFound(gettext("The map has no such region."))
    return _for_ever(make_response(tiles.part(found.box), {"Content-Type": "image/webp"}))


def _of_version(version: str) -> Tiles:
    tiles = snapshot().tiles
    if tiles is None or tiles.version != version:
        raise NotFound(gettext("The gallery was mapped anew. Load the map again."))
    return tiles


def _for_ever(response: Response) -> Response:
    """Let it be kept: the address names the map, and another map has another."""
    response.headers["Cache-Control"] = _FOREVER
    response.add_etag()
    return concluded(response)


def _marks(tiles: Tiles) -> Marks | None:
    """Return what `at` (a picture) or `near` (a query's best matches) asks to be marked."""
    cells = tiles.atlas.cells
    if identifier := request.args.get("at"):
        record = found_or_404(identifier)
        column, line = cells[record.row].tolist()
        return Marks(column, line, record, [])
    named = [part for part in request.args.get("near", "").split(",") if part][:_MATCHES]
    found = [known for part in named if (known := snapshot().gallery.find(part))]
    if not found:
        return None
    rows = [record.row for record in found]
    x, y = whereabouts(cells, rows)
    return Marks(x, y, None, [(int(cells[row, 0]), int(cells[row, 1])) for row in rows])


def _point(tiles: Tiles, marks: Marks | None) -> Point:
    """Return where the address leads: a point that it names, a mark, or the whole map."""
    if not {"x", "y", "z"} & request.args.keys() and marks is not None:
        info = tiles.atlas.info
        depth = math.log2(max(1.0, math.sqrt(snapshot().count / settings().browse)))
        x, y = (marks.column + 0.5) / info.columns, (marks.line + 0.5) / info.lines
        return Point(x, y, math.ceil(depth))
    x, y, z = (_number(*known) for known in (("x", 0.5, 1), ("y", 0.5, 1), ("z", 0, 16)))
    return Point(x, y, z)


def _number(name: str, default: float, most: float) -> float:
    try:
        value = float(request.args.get(name, default))
    except ValueError:
        return default
    return min(max(value, 0.0), most) if math.isfinite(value) else default


def _parts(held: Snapshot, tiles: Tiles, region: Region) -> list[Part]:
    found = []
    for part in region.parts():
        rows = part.rows(tiles.atlas.cells)
        example = held.gallery.record(int(rows[len(rows) // 2])) if len(rows) else None
        found.append(Part(part, len(rows), example))
    return found
