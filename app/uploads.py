"""A picture that somebody sends: taken from the request, held in memory, never written to disk."""

import io
from typing import IO, TypeVar

from flask import Request, request
from werkzeug.exceptions import BadRequest, UnprocessableEntity

from app.texts import gettext
from model.query import MOST_PICTURES

T = TypeVar("T")


class MemoryRequest(Request):
    """A request whose files stay in memory: Werkzeug would put larger ones into temporary files.

    The limit on the whole request bounds what that takes.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - the signature is Werkzeug's
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return io.BytesIO()


def from_form() -> list[bytes]:
    """Return the pictures of the form's field `image`.

    Raises BadRequest when none was sent, and UnprocessableEntity for too many.
    """
    return counted(files("image"))


def from_form_or_body() -> list[bytes]:
    """Return the pictures of the field `image`, or the raw body when it is no such form."""
    if request.mimetype == "multipart/form-data":
        return from_form()
    return counted(raw_body())


def raw_body() -> list[bytes]:
    """Return the picture that is the body of the request, or nothing where that is empty."""
    content = request.stream.read()
    # A body without a stated length is cut silently at the limit; only reading on refuses it.
    request.stream.read(1)
    return [content] if content else []


def files(name: str) -> list[bytes]:
    """Return the files of a field that are not empty, as it is where nobody chose one."""
    return list(filter(None, slots(name)))


def slots(name: str) -> list[bytes]:
    """Return all files of a field in their order."""
    return [sent.read() for sent in request.files.getlist(name)]


def counted(pictures: list[T]) -> list[T]:
    """Return the pictures of a search, of which there is one at least, and not too many."""
    if not pictures:
        raise BadRequest(
            gettext("No picture arrived, or an empty one. Choose a photo and send it again.")
        )
    if len(pictures) > MOST_PICTURES:
        raise UnprocessableEntity(
            gettext(
                "A search takes %(most)s pictures at most. Leave some of them out.",
                most=MOST_PICTURES,
            )
        )
    return pictures
