"""What the API takes and gives: these definitions validate the requests and document them."""

from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from app.settings import Settings
from model.quality import Compared, Weak

# The address of a picture. `model.gallery` takes it from the hash of the picture's content.
PictureId = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{12}$",
        description="The picture's id: twelve hex digits of its content's hash; stable.",
    ),
]
# What the original demo's address takes: a row has fewer digits than an id.
PictureIdOrRow = Annotated[
    str,
    Meta(
        pattern="^([0-9a-f]{12}|[0-9]{1,11})$",
        description="The id of a picture of the gallery, or its row.",
    ),
]

_Address = Annotated[str, Meta(extra_json_schema={"format": "uri-reference"})]
_Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
_Count = Annotated[int, Meta(ge=0)]
_Pixels = Annotated[int, Meta(ge=1)]
_Duration = Annotated[float, Meta(ge=0)]


class Problem(msgspec.Struct, kw_only=True):
    """A failure, as RFC 9457 writes it."""

    type: Annotated[_Address, Meta(description="A URI that names the kind of problem.")]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: Annotated[str, Meta(description="What happened and what to do, in a sentence.")]
    instance: Annotated[_Address, Meta(description="The path that was asked for.")]
    request_id: Annotated[str, Meta(description="The number of this request, as in X-Request-Id.")]


class QueryPicture(msgspec.Struct, kw_only=True):
    """The picture that was searched with, as it was understood."""

    width: Annotated[_Pixels, Meta(description="Pixels, after turning upright.")]
    height: _Pixels
    format: Annotated[str, Meta(description="Such as JPEG, by the content and not by the name.")]
    turned: Annotated[bool, Meta(description="Whether EXIF said it had to be turned upright.")]


class Milliseconds(msgspec.Struct, kw_only=True):
    """How long each stage took."""

    decode: _Duration
    encode: _Duration
    rank: _Duration
    second_look: Annotated[_Duration, Meta(description="0 where it is not taken.")]
    total: _Duration


class ImageSummary(msgspec.Struct, kw_only=True):
    """One picture of the gallery, in short. All addresses are paths on this server."""

    id: PictureId
    title: str
    credit: Annotated[str, Meta(description="Who made it; empty when nobody said.")]
    licence: Annotated[str, Meta(description="An SPDX name where there is one; may be empty.")]
    width: Annotated[_Pixels, Meta(description="Pixels of the original, upright.")]
    height: _Pixels
    page: Annotated[_Address, Meta(description="Path of the picture's page.")]
    thumbnail: Annotated[_Address, Meta(description="Path of a small WebP.")]
    record: Annotated[_Address, Meta(description="Path of everything that is known of it.")]


class MatchedImage(ImageSummary, kw_only=True):
    """One match; the nearest has rank 1."""

    rank: Annotated[int, Meta(ge=1)]
    distance: Annotated[float, Meta(ge=0, le=2, description="Cosine distance: 0 is the same.")]
    similarity: Annotated[float, Meta(ge=-1, le=1, description="1 - distance.")]
    score: Annotated[
        float,
        Meta(
            description="What the ranks follow: the similarity, and for the nearest what a second "
            "look at them added."
        ),
    ]
    likeness: Annotated[
        str, Meta(description="The similarity in words, measured against the whole gallery.")
    ]


class ImageRecord(ImageSummary, kw_only=True):
    """Everything that is known of one picture of the gallery."""

    alt: Annotated[str, Meta(description="What is seen, in words; may be empty.")]
    source: Annotated[str, Meta(description="Where it comes from; may be empty.")]
    date: Annotated[str, Meta(description="When it was taken, ISO 8601; may be empty.")]
    group: Annotated[str, Meta(description="Pictures of one group show the same thing.")]
    tags: tuple[str, ...]
    details: Annotated[
        dict[str, str | int | float], Meta(description="Whatever else its source told.")
    ]
    format: Annotated[str, Meta(description="Format of the original, such as JPEG.")]
    colour: Annotated[
        str, Meta(pattern="^#[0-9a-f]{6}$", description="The average, such as #aabbcc.")
    ]
    path: Annotated[str, Meta(description="Where the original lies, below the gallery's folder.")]
    bytes: Annotated[_Count, Meta(description="Size of the original file.")]
    sha256: Annotated[_Sha256, Meta(description="Hash of the original file.")]
    row: Annotated[_Count, Meta(description="Its place in the present index.")]
    large: Annotated[_Address, Meta(description="Path of a WebP that fits 1024 by 1024 pixels.")]
    similar: Annotated[_Address, Meta(description="Path of the pictures that look like it.")]


class ImageList(msgspec.Struct, kw_only=True):
    """A part of the gallery, in the gallery's own order."""

    total: Annotated[_Count, Meta(description="How many pictures can be asked for with offset.")]
    images: list[ImageSummary]
    next: Annotated[_Address | None, Meta(description="Path of the next part; null at the end.")]


class ServedGallery(msgspec.Struct, kw_only=True):
    """The gallery that is searched."""

    count: Annotated[_Count, Meta(description="How many pictures it holds.")]
    title: str


class ServedBundle(msgspec.Struct, kw_only=True):
    """The files that are served at present."""

    generation: Annotated[str, Meta(description="Another one after every change of the bundle.")]
    created: Annotated[str, Meta(description="When it was made, ISO 8601, UTC.")]


class ModelCard(msgspec.Struct, kw_only=True):
    """Which model answers, how it was trained, and what it was measured at."""

    recipe: Annotated[str, Meta(description="Name of the recipe it was trained by.")]
    dimensions: Annotated[int, Meta(ge=1, description="Numbers in one embedding.")]
    code_shape: Annotated[
        tuple[int, int, int], Meta(description="Height, width and channels of the code.")
    ]
    checkpoint_sha256: _Sha256
    trained: Annotated[
        dict[str, Any], Meta(description="Pictures, steps, seconds and more, as the recipe tells.")
    ]
    measures: Annotated[
        dict[str, float], Meta(description="Such as P@1 and mAP, 0 to 1; empty before evaluation.")
    ]
    compared: Annotated[
        tuple[Compared, ...], Meta(description="It and other methods, measured on the same.")
    ]
    worst: Annotated[
        tuple[Weak, ...], Meta(description="The pictures that were found worst with it.")
    ]
    gallery: ServedGallery
    bundle: ServedBundle


class SearchAnswer(msgspec.Struct, kw_only=True):
    """What a search found, the best score first."""

    query: QueryPicture
    searched: Annotated[_Count, Meta(description="How many pictures were compared.")]
    total: Annotated[_Count, Meta(description="How many matches can be asked for with offset.")]
    milliseconds: Milliseconds
    matches: list[MatchedImage]


class Paging(msgspec.Struct, kw_only=True):
    """Which part of a list is wanted."""

    limit: int
    offset: int


class Listing(Paging, kw_only=True):
    """Which pictures of the gallery are wanted."""

    tag: str


def paging(settings: Settings) -> type[Paging]:
    """Return `Paging` with the limits that are set, so that check and document agree with them."""
    return cast("type[Paging]", msgspec.defstruct("Page", _part(settings), kw_only=True))


def listing(settings: Settings) -> type[Listing]:
    """Return `Listing` with the limits that are set."""
    only = Meta(max_length=200, description="Only pictures that carry this tag; empty, all.")
    fields = [*_part(settings), ("tag", Annotated[str, only], "")]
    return cast("type[Listing]", msgspec.defstruct("List", fields, kw_only=True))


def _part(settings: Settings) -> list[tuple[str, Any, Any]]:
    limit = Meta(ge=1, le=settings.results_most, description="How many to answer with.")
    offset = Meta(ge=0, le=2**31 - 1, description="How many to leave out before them.")
    default = min(settings.results, settings.results_most)
    return [("limit", Annotated[int, limit], default), ("offset", Annotated[int, offset], 0)]
