"""What the API takes and gives where the gallery is changed: definitions as in `app/schema.py`."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from app.schema import ImageRecord, ImageSummary, PictureId
from app.settings import expectation
from app.telling import DATE, FIELDS
from model.metadata.told import LONGEST_TAG, MOST_TAGS

_SAYS: Final = {
    "title": "What it is called.",
    "alt": "What is seen, in words.",
    "credit": "Who made it.",
    "licence": "An SPDX name where there is one.",
    "source": "Where it comes from.",
    "date": "When it was taken: a year, a month, a day, or a day and its time.",
    "group": "Pictures of one group show the same thing.",
    "tags": "Words to find it by.",
}
_Generation = Annotated[str, Meta(description="The bundle's state in which it is so.")]


class UploadedImage(ImageSummary, kw_only=True):
    """One of the pictures that were sent."""

    added: Annotated[bool, Meta(description="Whether it is new; false: it was there already.")]


class Uploads(msgspec.Struct, kw_only=True):
    """The pictures that were sent, in their order; each once."""

    generation: _Generation
    images: list[UploadedImage]


class ChangedImage(ImageRecord, kw_only=True):
    """Everything that is now known of the picture."""

    generation: _Generation


class RemovedImage(msgspec.Struct, kw_only=True):
    """A picture that is no longer in the gallery."""

    id: PictureId
    generation: _Generation


def _text(name: str) -> Any:
    description = _SAYS[name] + (" Several with commas." if name == "tags" else "")
    if name == "date":
        return Annotated[str, Meta(pattern=DATE, examples=["2024-05-31"], description=description)]
    return Annotated[str, Meta(max_length=FIELDS[name], description=description)]


def takes(name: str) -> str:
    """Return what a field of a change takes, in words."""
    if name == "tags":
        return f"at most {MOST_TAGS} texts of at most {LONGEST_TAG} characters each"
    return expectation(_text(name))


def _word(name: str) -> Any:
    """Return what a change takes for a field; null takes back what was told."""
    if name == "tags":
        tag = Annotated[str, Meta(max_length=LONGEST_TAG)]
        kind: Any = Annotated[list[tag], Meta(max_length=MOST_TAGS, description=_SAYS[name])]
    else:
        kind = _text(name)
    return kind | None | msgspec.UnsetType


# What is told of pictures that are sent, as parameters or fields of the form.
ImageWords: Final = msgspec.defstruct(
    "ImageWords", [(name, _text(name), "") for name in FIELDS], kw_only=True
)
# What a change may say.
ImageChange: Final = msgspec.defstruct(
    "ImageChange",
    [(name, _word(name), msgspec.UNSET) for name in FIELDS],
    kw_only=True,
    forbid_unknown_fields=True,
)


def upload_body(picture: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a search with what may be told, where it is a form, for the document."""
    form = picture["content"]["multipart/form-data"]
    told = msgspec.json.schema_components([ImageWords])[1]["ImageWords"]["properties"]
    properties = {**told, **form["schema"]["properties"]}
    schema = {**form["schema"], "properties": properties}
    content = {**picture["content"], "multipart/form-data": {**form, "schema": schema}}
    return {**picture, "content": content}


def change_body() -> dict[str, Any]:
    """Return the body of a change, for the document."""
    schema = msgspec.json.schema_components([ImageChange])[1]["ImageChange"]
    return {"required": True, "content": {"application/json": {"schema": schema}}}
