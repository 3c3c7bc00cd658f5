"""Searching from a program: with a picture that is sent, or with one of the gallery."""

from flask import request

from app import schema, uploads
from app.api_images import summary
from app.live import settings, snapshot
from app.pictures import found_by_id_or_row, found_or_404
from app.search import Answer, Match, by_picture, by_record
from model.gallery import Record


def search() -> schema.SearchAnswer:
    """Find the pictures of the gallery that look like the one sent.

    Send it as the field `image` of a multipart form, or as the raw body. It is never stored.
    """
    wanted = _wanted()
    content = uploads.from_form_or_body()
    picture, answer = by_picture(
        snapshot(), content, settings(), limit=wanted.limit, offset=wanted.offset
    )
    understood = schema.QueryPicture(
        width=picture.width, height=picture.height, format=picture.format, turned=picture.turned
    )
    return _answer(understood, answer)


def similar(identifier: str) -> schema.SearchAnswer:
    """Find the pictures that look like one of the gallery, which is not among them."""
    return _similar(found_or_404(identifier))


def nearest(identifier: str) -> schema.SearchAnswer:
    """Answer the original demo's address: like `similar`, by id or by row number."""
    return _similar(found_by_id_or_row(identifier))


def _similar(record: Record) -> schema.SearchAnswer:
    wanted = _wanted()
    answer = by_record(snapshot(), record, limit=wanted.limit, offset=wanted.offset)
    understood = schema.QueryPicture(
        width=record.width, height=record.height, format=record.format, turned=False
    )
    return _answer(understood, answer)


def _wanted() -> schema.Paging:
    checked: schema.Paging = request.context.query  # type: ignore[attr-defined]  # spectree puts it there
    return checked


def _answer(query: schema.QueryPicture, answer: Answer) -> schema.SearchAnswer:
    stages = {name: round(value, 3) for name, value in vars(answer.stages).items()}
    return schema.SearchAnswer(
        query=query,
        searched=answer.searched,
        total=answer.total,
        milliseconds=schema.Milliseconds(**stages),
        matches=[_match(match) for match in answer.matches],
    )


def _match(match: Match) -> schema.MatchedImage:
    return schema.MatchedImage(
        rank=match.rank,
        distance=match.distance,
        similarity=match.similarity,
        score=match.score,
        likeness=match.likeness.word,
        **summary(match.record),
    )
