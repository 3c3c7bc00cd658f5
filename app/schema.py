"""What the API gives: these definitions write its answers and document them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from model.quality import Compared, Weak

# The address of a picture. `model.gallery` takes it from the hash of the picture's content.
PictureId = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{12}$",
        examples=["0123456789ab"],
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


class PictureRegion(msgspec.Struct, kw_only=True):
    """A part of a picture, in pixels of the upright picture."""

    x: Annotated[_Count, Meta(description="From the left edge.")]
    y: Annotated[_Count, Meta(description="From the upper edge.")]
    width: _Pixels
    height: _Pixels


class QueryPicture(msgspec.Struct, kw_only=True):
    """The picture that was searched with, as it was understood."""

    width: Annotated[_Pixels, Meta(description="Pixels, after turning upright.")]
    height: _Pixels
    format: Annotated[str, Meta(description="Such as JPEG, by the content and not by the name.")]
    turned: Annotated[bool, Meta(description="Whether EXIF said it had to be turned upright.")]
    region: Annotated[
        PictureRegion | None, Meta(description="The part searched with; null for all of it.")
    ] = None
    mirror: Annotated[bool, Meta(description="Whether that was mirrored.")] = False
    turn: Annotated[int, Meta(description="Degrees it was then turned clockwise.")] = 0


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
    chance: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="That a picture of something else would be this close: 0.001 is one in a "
            "thousand. Never told below one in a million.",
        ),
    ]
    copy: Annotated[
        Literal["", "exact", "near"],
        Meta(
            description="exact: the very file that was searched with; near: the same picture in "
            "another size, format or quality; empty: another picture."
        ),
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


class Counts(msgspec.Struct, kw_only=True):
    """How many pictures each filter would leave, were it the only one of its kind.

    The other filters of the request stay as they are. What would leave nothing is not told.
    """

    where: Annotated[
        dict[str, dict[str, _Count]],
        Meta(description="By the name of a facet and its word: `where=name:word`."),
    ]
    tag: Annotated[dict[str, _Count], Meta(description="By tag; the 500 most frequent.")]
    year: Annotated[dict[str, _Count], Meta(description="By year: `from=2024&to=2024`.")]
    per_group: Annotated[
        int | None,
        Meta(description="How many groups there are; null where every picture is its own."),
    ]


class ImageList(msgspec.Struct, kw_only=True):
    """A part of the gallery, in the gallery's own order."""

    total: Annotated[_Count, Meta(description="How many pictures can be asked for with offset.")]
    images: list[ImageSummary]
    next: Annotated[_Address | None, Meta(description="Path of the next part; null at the end.")]
    counts: Counts


class MapPlace(msgspec.Struct, kw_only=True):
    """Where one picture hangs on the map."""

    id: PictureId
    column: Annotated[_Count, Meta(description="From 0, left.")]
    line: Annotated[_Count, Meta(description="From 0, at the top.")]


class GalleryMap(msgspec.Struct, kw_only=True):
    """The map: like pictures hang near each other, each at a place of its own."""

    method: Annotated[str, Meta(description="How it was made; empty where there is no map.")]
    columns: Annotated[_Count, Meta(description="How many places it is wide.")]
    lines: Annotated[_Count, Meta(description="How many places it is high.")]
    joined: Annotated[_Count, Meta(description="Pictures put beside others since it was made.")]
    total: Annotated[_Count, Meta(description="How many places can be asked for with offset.")]
    places: list[MapPlace]
    next: Annotated[_Address | None, Meta(description="Path of the next part; null at the end.")]


class MapPart(msgspec.Struct, kw_only=True):
    """Which part of the map is wanted. A place is short, so an answer may hold many."""

    limit: Annotated[int, Meta(ge=1, le=10_000, description="How many to answer with.")] = 1000
    offset: Annotated[
        int, Meta(ge=0, le=2**31 - 1, description="How many to leave out before them.")
    ] = 0


class DuplicateImage(ImageSummary, kw_only=True):
    """One picture of a group of copies."""

    format: Annotated[str, Meta(description="Format of the original, such as JPEG.")]
    bytes: Annotated[_Count, Meta(description="Size of the original file.")]
    path: Annotated[str, Meta(description="Where the original lies, below the gallery's folder.")]
    elsewhere: Annotated[
        tuple[str, ...], Meta(description="Where files lie that are the same byte for byte.")
    ]
    similarity: Annotated[
        float, Meta(ge=-1, le=1, description="With the first of the group, cosine.")
    ]
    largest: Annotated[bool, Meta(description="Whether it has the most pixels of its group.")]


class DuplicateGroup(msgspec.Struct, kw_only=True):
    """Pictures that are copies of one another, the largest first."""

    count: Annotated[int, Meta(ge=1, description="How many pictures; at most 48 are listed.")]
    images: list[DuplicateImage]


class DuplicateList(msgspec.Struct, kw_only=True):
    """A part of the groups of copies, in the gallery's own order."""

    known: Annotated[
        bool, Meta(description="Whether copies were looked for: an older index has none.")
    ]
    total: Annotated[_Count, Meta(description="How many groups can be asked for with offset.")]
    groups: list[DuplicateGroup]
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

    query: Annotated[QueryPicture, Meta(description="The first of the pictures.")]
    pictures: Annotated[
        list[QueryPicture], Meta(description="What was searched with, in the order it was sent.")
    ]
    page: Annotated[_Address, Meta(description="Path of a page with the same search.")]
    searched: Annotated[_Count, Meta(description="How many pictures were compared.")]
    total: Annotated[_Count, Meta(description="How many matches can be asked for with offset.")]
    milliseconds: Milliseconds
    nothing: Annotated[
        bool,
        Meta(
            description="Whether nothing here looks like the picture sent: then every match is "
            "hardly similar. False for a whole picture of the gallery."
        ),
    ]
    matches: list[MatchedImage]
    counts: Counts


_Shares = list[list[float]]


class ComparedPicture(QueryPicture, kw_only=True):
    """One of two pictures that are compared."""

    record: Annotated[ImageRecord | None, Meta(description="Null for a picture that was sent.")]
    shares: Annotated[
        _Shares | None,
        Meta(
            description="What each place brings to the similarity, 4 rows of 4 from the top left; "
            "they add up to it, within 1e-6. Null where the encoder does not tell."
        ),
    ]
    redrawn: Annotated[
        _Address,
        Meta(
            description="A WebP of 256 by 256 pixels, drawn from the picture's code alone: a path, "
            "or a data: URI for a picture that was sent."
        ),
    ]


class Comparison(msgspec.Struct, kw_only=True):
    """Two pictures compared."""

    similarity: Annotated[float, Meta(ge=-1, le=1, description="Of their embeddings: the cosine.")]
    distance: Annotated[float, Meta(ge=0, le=2, description="1 - similarity.")]
    likeness: Annotated[
        str, Meta(description="The similarity in words, measured against the whole gallery.")
    ]
    picture: ComparedPicture
    other: ComparedPicture
    pairs: Annotated[
        _Shares | None,
        Meta(
            description="What each pair of places brings, 16 rows of 16: a row for each place of "
            "the picture, in it one number for each place of the other. Rows add up to the shares "
            "of the picture, columns to those of the other. Null where the encoder does not tell."
        ),
    ]
