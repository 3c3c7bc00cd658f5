"""A picture that somebody sends: taken from the request, held in memory, never written to disk."""

import io
import time
from typing import IO, Any, Final

from flask import Request, request
from werkzeug.exceptions import BadRequest

# What is read of a body that is too large, so that the sender, who reads nothing before everything
# is sent, gets the answer and not a broken connection.
_DRAINED_BYTES: Final = 64 * 1024 * 1024
_DRAINED_SECONDS: Final = 10.0


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


def from_form() -> bytes:
    """Return the bytes of the form's field `image`. Raises BadRequest when nothing was sent."""
    sent = request.files.get("image")
    return _present(sent.read() if sent is not None else b"")


def from_form_or_body() -> bytes:
    """Return the bytes of the field `image`, or the raw body when the request is no such form."""
    if request.mimetype == "multipart/form-data":
        return from_form()
    content = request.stream.read()
    # A body without a stated length is cut silently at the limit; only reading on refuses it.
    request.stream.read(1)
    return _present(content)


def drain() -> None:
    """Read and forget the rest of a body that is too large, within reason."""
    stream: Any = request.environ["wsgi.input"]
    left, end = _DRAINED_BYTES, time.monotonic() + _DRAINED_SECONDS
    while left > 0 and time.monotonic() < end and (chunk := stream.read(min(left, 65536))):
        left -= len(chunk)


def _present(content: bytes) -> bytes:
    if not content:
        raise BadRequest("No picture arrived, or an empty one. Choose a photo and send it again.")
    return content
