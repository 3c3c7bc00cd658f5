"""Comparing two pictures from a program: how similar they are, and which places make them so."""

import numpy as np
from flask import url_for

from app import schema, uploads
from app.api_images import described
from app.compare import as_address
from app.comparison import Comparison, by_picture, by_record
from app.live import settings, snapshot
from app.overlay import rows
from app.pictures import found_or_404
from app.redrawing import redrawn
from model.gallery import Record
from model.search import Sent


def compare(identifier: str, other: str) -> schema.Comparison:
    """Tell how similar two pictures of the gallery are, and what each of their places brings."""
    first, second = found_or_404(identifier), found_or_404(other)
    found = by_record(snapshot(), first, second, settings())
    return _answer(found, _of_record(first, found, axis=1), second)


def compare_sent(identifier: str) -> schema.Comparison:
    """Compare the picture sent with one of the gallery.

    Send it as the field `image` of a multipart form, or as the raw body. It is never stored.
    """
    second = found_or_404(identifier)
    content = uploads.from_form_or_body()[0]
    (picture, code), found = by_picture(snapshot(), Sent(content), second, settings())
    first = schema.ComparedPicture(
        width=picture.width,
        height=picture.height,
        format=picture.format,
        turned=picture.turned,
        record=None,
        shares=_shares(found, axis=1),
        redrawn=as_address(redrawn(snapshot(), code, settings())),
    )
    return _answer(found, first, second)


def _answer(found: Comparison, first: schema.ComparedPicture, second: Record) -> schema.Comparison:
    return schema.Comparison(
        similarity=found.similarity,
        distance=1 - found.similarity,
        likeness=found.likeness.word,
        picture=first,
        other=_of_record(second, found, axis=0),
        pairs=None if found.pairs is None else found.pairs.tolist(),
    )


def _of_record(record: Record, found: Comparison, *, axis: int) -> schema.ComparedPicture:
    return schema.ComparedPicture(
        width=record.width,
        height=record.height,
        format=record.format,
        turned=False,
        record=described(record),
        shares=_shares(found, axis=axis),
        redrawn=url_for("compare.drawn", identifier=record.id),
    )


def _shares(found: Comparison, *, axis: int) -> list[list[float]] | None:
    return None if found.pairs is None else rows(np.sum(found.pairs, axis=axis))
