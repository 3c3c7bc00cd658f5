"""Searching from a program: with pictures that are sent, or with one of the gallery."""

from functools import partial
from itertools import zip_longest

from flask import request

from app import arguments, asking, schema, uploads
from app.api_filters import counted
from app.api_images import summary
from app.fetching import fetched
from app.filters import Address, Filters
from app.live import settings, snapshot
from app.openapi import checked_query
from app.pictures import found_by_id_or_row, found_or_404
from app.query import token
from app.search import by_picture, by_record
from app.steering import Steering
from model.feedback import Feedback
from model.filters import selection
from model.gallery import Record
from model.images import Picture
from model.search import Answer, Match, Sent, Wanted
from model.view import WHOLE, Region, View


def search() -> schema.SearchAnswer:
    """Find the pictures of the gallery that look like the one sent, or like the mean of several.

    Send it as the field `image` of a multipart form, which may be given again, or as the raw body.
    It is never stored.
    """
    wanted: arguments.Asking = checked_query()
    contents = uploads.from_form_or_body()
    sent = map(partial(Sent, side=0), contents, _views(wanted, len(contents)))
    return _found(wanted, list(sent))


def _found(wanted: arguments.Steered, sent: list[Sent]) -> schema.SearchAnswer:
    held, moved, filters = snapshot(), _moved(wanted), Filters.from_args(request.args)
    among = selection(held.ranking.filters, filters)
    pictures, answer = by_picture(
        held,
        sent,
        settings(),
        Wanted(wanted.limit, wanted.offset, moved, among),
    )
    address = Address("pages.search", kept=(("q", token(answer.query, held.bundle)),))
    page = Steering(address, moved, filters).page()
    understood = [_understood(picture) for picture in pictures]
    return _answer(understood, answer, counted(held, filters), page)


def search_by_address() -> tuple[schema.SearchAnswer, int, dict[str, str]]:
    """Find the pictures of the gallery that look like the one at an address.

    The server fetches it from there. It is never stored.
    """
    wanted: arguments.Naming = checked_query()
    view = View(_region(wanted.region), wanted.mirror, wanted.turn)
    answer = _found(wanted, [Sent(fetched(wanted.url), view)])
    return answer, 200, {"Cache-Control": "no-store"}


def similar(identifier: str) -> schema.SearchAnswer:
    """Find the pictures that look like one of the gallery, or a part of it.

    It is not among them.
    """
    return _similar(found_or_404(identifier))


def nearest(identifier: str) -> schema.SearchAnswer:
    """Answer the original demo's address: like `similar`, by id or by row number."""
    return _similar(found_by_id_or_row(identifier))


def _similar(record: Record) -> schema.SearchAnswer:
    wanted: arguments.Looking = checked_query()
    view = View(_region(wanted.region), wanted.mirror, wanted.turn)
    held, moved, filters = snapshot(), _moved(wanted), Filters.from_args(request.args)
    among = selection(held.ranking.filters, filters)
    found = Wanted(wanted.limit, wanted.offset, moved, among)
    picture, answer = by_record(held, record, view, settings(), found)
    understood = _understood(asking.shown_of_gallery(record, view, picture))
    address = Address("pictures.similar", {"identifier": record.id}, asking.as_args(view))
    page = Steering(address, moved, filters).page()
    return _answer([understood], answer, counted(held, filters, without=record.row), page)


def _moved(wanted: arguments.Steered) -> Feedback:
    return Feedback.of(snapshot().gallery, wanted.more, wanted.less)


def _views(wanted: arguments.Asking, count: int) -> list[View]:
    """Return how each of the pictures is looked at; what is said of more than there are is none."""
    told = zip_longest(wanted.region, wanted.mirror, wanted.turn)
    views = [View(_region(region), bool(mirror), turn or 0) for region, mirror, turn in told]
    return (views + [WHOLE] * count)[:count]


def _region(text: str | None) -> Region | None:
    return Region.parse(text) if text else None


def _understood(picture: Picture | asking.Shown) -> schema.QueryPicture:
    region = picture.view.region
    return schema.QueryPicture(
        width=picture.width,
        height=picture.height,
        format=picture.format,
        turned=picture.turned,
        region=None if region is None else schema.PictureRegion(**region._asdict()),
        mirror=picture.view.mirror,
        turn=picture.view.turn,
    )


def _answer(
    pictures: list[schema.QueryPicture], answer: Answer, counts: schema.Counts, page: str
) -> schema.SearchAnswer:
    stages = {name: round(value, 3) for name, value in vars(answer.stages).items()}
    return schema.SearchAnswer(
        query=pictures[0],
        pictures=pictures,
        page=page,
        searched=answer.searched,
        total=answer.total,
        milliseconds=schema.Milliseconds(**stages),
        nothing=answer.nothing,
        matches=[_match(match) for match in answer.matches],
        counts=counts,
    )


def _match(match: Match) -> schema.MatchedImage:
    return schema.MatchedImage(
        rank=match.rank,
        distance=match.distance,
        similarity=match.similarity,
        score=match.score,
        likeness=match.likeness.word,
        chance=match.likeness.chance,
        copy=match.copy,
        **summary(match.record),
    )
