"""What the API takes and gives: these definitions validate the requests and document them."""

from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from app.settings import Settings


class Problem(msgspec.Struct, kw_only=True):
    """A failure, as RFC 9457 writes it."""

    type: Annotated[str, Meta(description="A URI that names the kind of problem.")]
    title: str
    status: int
    detail: Annotated[str, Meta(description="What happened and what to do, in a sentence.")]
    instance: Annotated[str, Meta(description="The path that was asked for.")]
    request_id: Annotated[str, Meta(description="The number under which the server logged it.")]


class QueryPicture(msgspec.Struct, kw_only=True):
    """The picture that was searched with, as it was understood."""

    width: Annotated[int, Meta(description="Pixels, after turning upright.")]
    height: int
    format: Annotated[str, Meta(description="Such as JPEG, by the content and not by the name.")]
    turned: Annotated[bool, Meta(description="Whether EXIF said it had to be turned upright.")]


class Milliseconds(msgspec.Struct, kw_only=True):
    """How long each stage took."""

    decode: float
    encode: float
    rank: float
    total: float


class MatchedImage(msgspec.Struct, kw_only=True):
    """One match; the nearest has rank 1."""

    rank: int
    id: str
    distance: Annotated[float, Meta(ge=0, le=2, description="Cosine distance: 0 is the same.")]
    similarity: Annotated[float, Meta(ge=-1, le=1, description="1 - distance.")]
    likeness: Annotated[
        str, Meta(description="The similarity in words, measured against the whole gallery.")
    ]
    title: str
    credit: str
    licence: str
    width: int
    height: int
    page: Annotated[str, Meta(description="Path of the picture's page.")]
    thumbnail: Annotated[str, Meta(description="Path of a small WebP.")]


class SearchAnswer(msgspec.Struct, kw_only=True):
    """What a search found, nearest first."""

    query: QueryPicture
    searched: Annotated[int, Meta(description="How many pictures were compared.")]
    total: Annotated[int, Meta(description="How many matches can be asked for with offset.")]
    milliseconds: Milliseconds
    matches: list[MatchedImage]


class Paging(msgspec.Struct, kw_only=True):
    """Which matches are wanted."""

    limit: int
    offset: int


def paging(settings: Settings) -> type[Paging]:
    """Return `Paging` with the limits that are set, so that check and document agree with them."""
    limit = Meta(ge=1, le=settings.results_most, description="How many matches.")
    offset = Meta(ge=0, le=2**31 - 1, description="How many of the nearest to leave out.")
    default = min(settings.results, settings.results_most)
    fields: list[tuple[str, Any, Any]] = [
        ("limit", Annotated[int, limit], default),
        ("offset", Annotated[int, offset], 0),
    ]
    made = msgspec.defstruct("Page", fields, bases=(Paging,), kw_only=True)
    return cast("type[Paging]", made)
