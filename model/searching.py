"""The verb `search`: what the API would find, as a table, as JSON, or as a page to keep."""

import argparse
import json
import tempfile
import webbrowser
from collections.abc import Sequence
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from model.bundle import open_bundle
from model.command import DONE, CommandError
from model.contact_sheet import Found, sheet
from model.encoder import Encoder
from model.facets import Facets
from model.feedback import Feedback
from model.filters import FilterError, Filters, selection
from model.gallery import Gallery
from model.image_errors import ImageError
from model.images import Picture, preview
from model.query import MOST_PICTURES
from model.ranking.opening import open_index
from model.search import (
    Answer,
    Match,
    Searchable,
    Sent,
    Stages,
    Wanted,
    by_query,
    decoded,
    query_of,
)
from model.view import View

_SHOWN: Final = (512, 512)
# So many of the tags are named to who asked for one that is none.
_TOLD: Final = 40
_COPIES: Final = {"exact": "this very picture", "near": "the same picture"}


class SearchError(CommandError):
    """A search that cannot be made."""


def search(options: argparse.Namespace) -> int:
    """Search, and print what was found."""
    bundle = open_bundle(options.bundle)
    index = Searchable(bundle, options.second_look, open_index(options.index, bundle))
    wanted = _wanted(index, options)
    pictures, answer = _searched(index, _sent(options), options.pictures, wanted)
    print(_json(pictures, answer) if options.json else _table(answer))
    if options.open is not None:
        _write(options.open, _sheet(index.gallery, pictures, answer))
    return DONE


def _wanted(index: Searchable, options: argparse.Namespace) -> Wanted:
    filters = Filters(
        tuple(options.where),
        tuple(filter(None, options.tag)),
        options.start,
        options.end,
        options.per_group,
    )
    held = index.ranking.filters
    _check_tags(held, filters)
    moved = Feedback.of(index.gallery, options.more, options.less)
    return Wanted(options.limit, options.offset, moved, selection(held, filters))


def _check_tags(held: Facets, filters: Filters) -> None:
    for tag in filters.tags:
        if tag not in held.tags:
            known = ", ".join(list(held.tags)[:_TOLD])
            told = f"It has: {known}{', ...' if len(held.tags) > _TOLD else ''}."
            told = told if known else "Its pictures have no tags."
            raise FilterError(
                "No picture of the gallery carries the tag “%(tag)s”. %(told)s", tag=tag, told=told
            )


def _sent(options: argparse.Namespace) -> list[Sent]:
    if len(options.pictures) > MOST_PICTURES:
        raise SearchError(f"A search takes {MOST_PICTURES} pictures at most.")
    told = zip_longest(options.pictures, options.region, options.mirror, options.turn)
    return [
        Sent(_content(path), View(region, bool(mirror), turn or 0))
        for path, region, mirror, turn in told
        if path is not None
    ]


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise SearchError(
            f"{path} is a folder: name pictures to search with. What is searched is a bundle, and "
            f"`python -m model index {path} --bundle B` puts the pictures of a folder into one."
        )
    return path.read_bytes()


def _searched(
    index: Searchable, sent: Sequence[Sent], paths: Sequence[Path], wanted: Wanted
) -> tuple[list[Picture], Answer]:
    stages = Stages()
    encoder = Encoder(index.bundle.path("encoder"))
    with stages.measure("total"):
        with stages.measure("decode"):
            pictures = [_decoded(each, path) for each, path in zip(sent, paths, strict=True)]
        with stages.measure("encode"):
            query = query_of(index, encoder, sent, pictures)
        return pictures, by_query(index, query, wanted, stages)


def _decoded(sent: Sent, path: Path) -> Picture:
    try:
        return decoded(sent)
    except ImageError as error:
        raise SearchError(f"{path}: {error}") from error


def _json(pictures: Sequence[Picture], answer: Answer) -> str:
    understood = [_understood(picture) for picture in pictures]
    told = {
        "query": understood[0],
        "pictures": understood,
        "searched": answer.searched,
        "total": answer.total,
        "milliseconds": {name: round(value, 3) for name, value in asdict(answer.stages).items()},
        "nothing": answer.nothing,
        "matches": [_match(match) for match in answer.matches],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _understood(picture: Picture) -> dict[str, Any]:
    """Return what the API tells of a picture that was sent."""
    region = picture.view.region
    return {
        "width": picture.width,
        "height": picture.height,
        "format": picture.format,
        "turned": picture.turned,
        "region": None if region is None else region._asdict(),
        "mirror": picture.view.mirror,
        "turn": picture.view.turn,
    }


def _match(match: Match) -> dict[str, Any]:
    """Return what the API tells of a match: where its file lies instead of the addresses."""
    record = match.record
    return {
        "rank": match.rank,
        "id": record.id,
        "distance": match.distance,
        "similarity": match.similarity,
        "score": match.score,
        "likeness": match.likeness.word,
        "chance": match.likeness.chance,
        "copy": match.copy,
        "title": record.title,
        "credit": record.credit,
        "licence": record.licence,
        "width": record.width,
        "height": record.height,
        "path": record.path,
    }


def _table(answer: Answer) -> str:
    if not answer.matches:
        return "There are no such matches: the filters, or the offset, leave none."
    lines = ["Nothing here looks like your picture. The closest all the same:"]
    lines = lines if answer.nothing else []
    lines.append(f"{'rank':>4}  {'similarity':>10}  {'':17}  {'id':12}  title (path)")
    lines += [
        f"{match.rank:4}  {match.similarity:10.3f}  {_words(match):17}  {match.record.id}  "
        f"{match.record.title} ({match.record.path})"
        for match in answer.matches
    ]
    return "\n".join(lines)


def _words(match: Match) -> str:
    return _COPIES.get(match.copy, match.likeness.word)


def _sheet(gallery: Gallery, pictures: Sequence[Picture], answer: Answer) -> str:
    asked = [preview(picture.reduced, _SHOWN) for picture in pictures]
    matches = [
        Found(
            match.rank,
            match.record.title,
            match.record.path,
            f"{_words(match)}, {match.similarity:.3f}",
            gallery.thumbnail(match.record, "small"),
        )
        for match in answer.matches
    ]
    return sheet(asked, matches, nothing=answer.nothing)


def _write(path: Path, page: str) -> None:
    """Write the page; without a name into a temporary file, which the browser then shows."""
    if path != Path():
        path.write_text(page, encoding="utf-8")
        return
    with tempfile.NamedTemporaryFile(
        "w", suffix=".html", prefix="search-", delete=False, encoding="utf-8"
    ) as file:
        file.write(page)
    print(file.name)
    webbrowser.open(Path(file.name).as_uri())
