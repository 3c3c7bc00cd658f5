"""What the API is asked by: these definitions validate the arguments and document them."""

from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import Meta

from app.addresses import LONGEST
from app.schema import PictureId
from app.settings import Settings
from model.filters import DATE
from model.query import MOST_CHOSEN, MOST_PICTURES
from model.view import REGION


def _date(description: str) -> Any:
    examples = {"examples": ["2024-03-14", "2024-03", "2024"]}
    return Annotated[str, Meta(pattern=DATE, description=description, extra_json_schema=examples)]


class Paging(msgspec.Struct, kw_only=True):
    """Which part of a list is wanted."""

    limit: int
    offset: int


# Which pictures are wanted; `app.filters.Filters` reads these arguments.
_Text = Annotated[str, Meta(max_length=200)]
_FILTERS: Final[list[tuple[str, Any, Any]]] = [
    (
        "where",
        Annotated[
            list[_Text],
            Meta(
                max_length=50,
                description="Only pictures with this word, written `name:word`. May be repeated: "
                "words of one name are alternatives, different names narrow one another.",
            ),
        ],
        [],
    ),
    (
        "tag",
        Annotated[
            list[_Text],
            Meta(
                max_length=50,
                description="Only pictures that carry this tag; empty, all. May be repeated: one "
                "of the tags is enough.",
            ),
        ],
        [],
    ),
    ("from", _date("Only pictures of this day, month or year, or later."), ""),
    ("to", _date("Only pictures of this day, month or year, or earlier."), ""),
    (
        "per_group",
        Annotated[bool, Meta(description="Only one picture of each group: the best, or first.")],
        False,
    ),
]


class Steered(Paging, kw_only=True):
    """Which part of the matches is wanted, and what they should be more and less like."""

    more: list[str]
    less: list[str]


class Asking(Steered, kw_only=True):
    """The same, and what of the pictures that are sent is looked at, in the order of sending."""

    region: list[str]
    mirror: list[bool]
    turn: list[int]


class Looking(Steered, kw_only=True):
    """The same, and what is looked at of the one picture of the gallery that is searched with."""

    region: str
    mirror: bool
    turn: int


class Naming(Looking, kw_only=True):
    """The same of a picture that lies elsewhere, and where it lies."""

    url: str


def paging(settings: Settings) -> type[Paging]:
    """Return `Paging` with the limits that are set, so that check and document agree with them."""
    return cast("type[Paging]", msgspec.defstruct("Page", _part(settings), kw_only=True))


def looking(settings: Settings) -> type[Looking]:
    """Return `Looking` with the limits that are set, and the filters, as requests are checked."""
    fields = [*_part(settings), *_FILTERS, *_STEERING, *_LOOKED_AT]
    return cast("type[Looking]", msgspec.defstruct("Look", fields, kw_only=True))


def naming(settings: Settings) -> type[Naming]:
    """Return `Naming` likewise."""
    fields: list[Any] = [("url", _URL), *_part(settings), *_FILTERS, *_STEERING, *_LOOKED_AT]
    return cast("type[Naming]", msgspec.defstruct("Name", fields, kw_only=True))


def asking(settings: Settings) -> type[Asking]:
    """Return `Asking` likewise."""
    fields = [*_part(settings), *_FILTERS, *_STEERING, *_LOOKING]
    return cast("type[Asking]", msgspec.defstruct("Ask", fields, kw_only=True))


def listing(settings: Settings) -> type[Paging]:
    """Return `Paging` with the limits that are set, and the filters, as requests are checked."""
    fields = [*_part(settings), *_FILTERS]
    return cast("type[Paging]", msgspec.defstruct("Listing", fields, kw_only=True))


def _part(settings: Settings) -> list[tuple[str, Any, Any]]:
    limit = Meta(ge=1, le=settings.results_most, description="How many to answer with.")
    offset = Meta(ge=0, le=2**31 - 1, description="How many to leave out before them.")
    default = min(settings.results, settings.results_most)
    return [("limit", Annotated[int, limit], default), ("offset", Annotated[int, offset], 0)]


def _several(kind: Any, most: int, description: str) -> tuple[Any, Any]:
    """Return the type and the default of a parameter that may be given again."""
    return Annotated[list[kind], Meta(max_length=most, description=description)], msgspec.field(
        default_factory=list
    )


_STEERING: Final = (
    (
        "more",
        *_several(
            PictureId, MOST_CHOSEN, "A picture of the gallery that matches should be more like."
        ),
    ),
    (
        "less",
        *_several(
            PictureId, MOST_CHOSEN, "A picture of the gallery that matches should be less like."
        ),
    ),
)
_URL: Final = Annotated[
    str,
    Meta(
        max_length=LONGEST,
        examples=["https://pictures.example.org/bridge.jpg"],
        description="Where the picture lies: an http or https address.",
    ),
]
_Turn = Literal[0, 90, 180, 270]
_Region = Annotated[str, Meta(pattern=f"^({REGION})?$", examples=["0,0,320,240"])]
_LOOKING: Final = (
    (
        "region",
        *_several(
            _Region,
            MOST_PICTURES,
            "The part to search with: x,y,width,height in pixels of the upright picture; empty for "
            "all of it. What lies beyond the edges is cut off. With several pictures, the first is "
            "of the first; what belongs to no picture is ignored.",
        ),
    ),
    (
        "mirror",
        *_several(bool, MOST_PICTURES, "Whether to mirror that part, left for right."),
    ),
    (
        "turn",
        *_several(
            _Turn,
            MOST_PICTURES,
            "Degrees to turn it clockwise, after mirroring.",
        ),
    ),
)
_LOOKED_AT: Final[tuple[tuple[str, Any, Any], ...]] = (
    (
        "region",
        Annotated[
            str,
            Meta(
                pattern=f"^({REGION})?$",
                examples=["0,0,320,240"],
                description="The part to search with: x,y,width,height in pixels of the upright "
                "original; empty for all of it. What lies beyond the edges is cut off.",
            ),
        ],
        "",
    ),
    ("mirror", Annotated[bool, Meta(description="Whether to mirror it, left for right.")], False),
    (
        "turn",
        Annotated[_Turn, Meta(description="Degrees to turn it clockwise, after mirroring.")],
        0,
    ),
)
