"""What can go wrong, in the words of the person it happened to: status, title, sentence."""

from typing import Final, NamedTuple

from werkzeug.exceptions import HTTPException

from app.settings import Settings
from model.command import CommandError
from model.encoder import Busy
from model.feedback import NotInGallery, TooManyChosen
from model.filters import FilterError
from model.images import (
    DamagedImage,
    ImageError,
    OutsideRegion,
    TooManyPixels,
    UnsupportedFormat,
)

# Seconds after which a busy server is worth another try.
RETRY_AFTER: Final = 2


class Trouble(NamedTuple):
    """One failure. kind: a stable name for programs. headers: what the answer must carry."""

    status: int
    kind: str
    title: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()


_PICTURES: Final[dict[type[ImageError], tuple[int, str, str]]] = {
    UnsupportedFormat: (415, "unsupported-format", "That file could not be read"),
    DamagedImage: (422, "damaged-picture", "The picture is damaged"),
    TooManyPixels: (413, "too-many-pixels", "The picture is too large"),
    OutsideRegion: (422, "outside-region", "That part is not in the picture"),
}

# What is asked of a gallery that it does not have.
_ASKED: Final[dict[type[CommandError], int]] = {
    FilterError: 422,
    NotInGallery: 404,
    TooManyChosen: 422,
}

_PAGES: Final = {
    400: "The request could not be understood",
    404: "There is nothing here",
    405: "This address does not work that way",
    410: "This search cannot be repeated",
    412: "A condition of the request is not met",
    413: "That is too much at once",
    422: "Something in the request is wrong",
    500: "Something went wrong on our side",
}

_DETAILS: Final = {
    404: "The address may be mistyped, or the picture is no longer in the gallery.",
    405: "The address exists, but it answers other kinds of requests.",
    412: "If-Match asks for a state that is not known here. Send the request without it.",
    500: "It was written down together with the number of this request. Please try again.",
}


def describe(error: Exception, settings: Settings) -> Trouble:
    """Return what to tell about any exception; what is not known to be harmless tells nothing."""
    if isinstance(error, ImageError):
        return Trouble(*_PICTURES[type(error)], str(error))
    if isinstance(error, Busy):
        detail = f"Too many people are searching right now. Try again in {RETRY_AFTER} seconds."
        retry = (("Retry-After", str(RETRY_AFTER)),)
        return Trouble(503, "busy", "One moment, please", detail, retry)
    if isinstance(error, CommandError) and type(error) in _ASKED:
        status = _ASKED[type(error)]
        return Trouble(status, "", _PAGES[status], str(error))
    if isinstance(error, HTTPException) and error.code is not None:
        return _http(error, error.code, settings)
    return Trouble(500, "internal", _PAGES[500], _DETAILS[500])


def _http(error: HTTPException, status: int, settings: Settings) -> Trouble:
    title = _PAGES.get(status, error.name)
    kept = tuple((name, value) for name, value in error.get_headers() if name == "Allow")
    return Trouble(status, "", title, _sentence(error, status, settings), kept)


def _sentence(error: HTTPException, status: int, settings: Settings) -> str:
    if status == 413:
        most = f"{settings.request_bytes / 2**20:,.3g} MB"
        return f"A request may have {most} and {settings.form_parts} parts. Send a smaller picture."
    own = error.description or ""
    return own if own != type(error).description else _DETAILS.get(status, own)
