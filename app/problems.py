"""What can go wrong, in the words of the person it happened to: status, title, sentence.

A page says it in the language of the page, and the API in English.
"""

from typing import Final, NamedTuple

from werkzeug.exceptions import HTTPException

from app.addresses import NotFetched
from app.fetching import NoPicture, TooLarge
from app.guessing import TooManyGuesses
from app.password import CHALLENGE, PasswordWanted
from app.rates import TooOften
from app.settings import Settings
from app.texts import gettext
from app.words import number, significant
from model.apart import NoProcess
from model.assembling import IndexingError
from model.edited_folder import NotChanged, Unavailable
from model.encoder import Busy
from model.feedback import NotInGallery, TooManyChosen
from model.filters import FilterError
from model.gallery import GalleryAway
from model.image_errors import (
    DamagedImage,
    DeadlyImage,
    ImageError,
    OutsideRegion,
    TooManyPixels,
    TooMuchMemory,
    TooSlow,
    UnsupportedFormat,
)
from model.locking import Busy as Locked
from model.ranking import IndexUnavailable
from model.ranking.collection import EngineError
from model.sentences import N_, SpokenError

# Seconds after which a busy server is worth another try.
RETRY_AFTER: Final = 2


class Trouble(NamedTuple):
    """One failure, told. kind: a stable name for programs. headers: what the answer must carry."""

    status: int
    kind: str
    title: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def seconds(self) -> int:
        """After how many seconds it is worth another try; 0 where nothing becomes better."""
        return int(dict(self.headers).get("Retry-After", 0))


_NOT_FETCHED: Final = "not-fetched", N_("The picture could not be fetched")

_PICTURES: Final[dict[type[SpokenError], tuple[int, str, str]]] = {
    NotFetched: (422, *_NOT_FETCHED),
    TooLarge: (413, *_NOT_FETCHED),
    NoPicture: (415, *_NOT_FETCHED),
    UnsupportedFormat: (415, "unsupported-format", N_("That file could not be read")),
    DamagedImage: (422, "damaged-picture", N_("The picture is damaged")),
    TooManyPixels: (413, "too-many-pixels", N_("The picture is too large")),
    TooMuchMemory: (413, "too-much-memory", N_("The picture is too large")),
    TooSlow: (422, "too-slow", N_("The picture takes too long")),
    DeadlyImage: (422, "deadly-picture", N_("The picture is damaged")),
    OutsideRegion: (422, "outside-region", N_("That part is not in the picture")),
}

# What is asked of a gallery that it does not have, or cannot do.
_ASKED: Final[dict[type[SpokenError], int]] = {
    FilterError: 422,
    NotChanged: 409,
    NotInGallery: 404,
    TooManyChosen: 422,
}

_PAGES: Final = {
    400: N_("The request could not be understood"),
    401: N_("This takes the token"),
    403: N_("That came from another site"),
    404: N_("There is nothing here"),
    405: N_("This address does not work that way"),
    409: N_("That cannot be changed"),
    410: N_("This search cannot be repeated"),
    412: N_("A condition of the request is not met"),
    413: N_("That is too much at once"),
    422: N_("Something in the request is wrong"),
    500: N_("Something went wrong on our side"),
}

_DETAILS: Final = {
    400: N_("The browser (or proxy) sent a request that this server could not understand."),
    403: N_(
        "A page of another site sent this form, so nothing was done. Do it on a page of this one."
    ),
    404: N_("The address may be mistyped, or the picture is no longer in the gallery."),
    405: N_("The address exists, but it answers other kinds of requests."),
    412: N_("If-Match asks for a state that is not known here. Send the request without it."),
    500: N_("It was written down together with the number of this request. Please try again."),
}

_OFTEN: Final = N_("That was very often")
_OFTEN_SAID: Final = N_(
    "So many requests have come from your address that others would have to wait. It goes on in "
    "%(seconds)s seconds."
)

_ASKS: Final = N_("This site asks for a password")
_PASSWORD: Final = N_(
    "Load the page again and type the password that the operator of this site gave you. Any user "
    "name will do."
)

_GUESSES: Final = N_("That was wrong too often")
_GUESSED: Final = N_(
    "Nothing more is looked at from where you are. Try again in %(seconds)s seconds."
)

_AWAY: Final = (
    "index-unavailable",
    N_("Nothing can be searched right now"),
    N_(
        "The index of the pictures does not answer. Nothing is lost: searching works again as "
        "soon as it does. Try again in a few seconds."
    ),
    RETRY_AFTER,
)
# What may go better later: kind, title, sentence, and seconds until another try makes sense.
_LATER: Final[dict[type[Exception], tuple[str, str, str, int]]] = {
    Busy: (
        "busy",
        N_("One moment, please"),
        N_("Too many people are searching right now. Try again in %(seconds)s seconds."),
        RETRY_AFTER,
    ),
    NoProcess: (
        "busy",
        N_("One moment, please"),
        N_("Too many people are searching right now. Try again in %(seconds)s seconds."),
        RETRY_AFTER,
    ),
    IndexUnavailable: _AWAY,
    GalleryAway: _AWAY,
    Locked: (
        "being-changed",
        N_("One moment, please"),
        N_("The gallery is being changed by somebody else. Try again in %(seconds)s seconds."),
        RETRY_AFTER,
    ),
    Unavailable: (
        "folder-unavailable",
        N_("The gallery cannot be changed now"),
        N_(
            "The folder of its pictures is not there, or cannot be written. Nothing was changed. "
            "Whoever runs the server finds the reason in its log."
        ),
        60,
    ),
    IndexingError: (
        "no-room",
        N_("The gallery cannot be changed now"),
        N_("It could not be written, most likely because the disk is full. Nothing was changed."),
        60,
    ),
    EngineError: (
        "not-followed",
        N_("The change is only half done"),
        N_(
            "It is made, but the index of the pictures did not follow. Whoever runs the server "
            "finds in its log what to do; nothing has to be sent again."
        ),
        60,
    ),
}


def describe(error: Exception, settings: Settings) -> Trouble:
    """Return what to tell about any exception; what is not known to be harmless tells nothing."""
    if isinstance(error, ImageError | NotFetched):
        status, kind, title = _PICTURES[type(error)]
        return Trouble(status, kind, gettext(title), _about_picture(error))
    if type(error) in _LATER:
        return _later(503, *_LATER[type(error)])
    if isinstance(error, FilterError | NotChanged | NotInGallery | TooManyChosen):
        status = _ASKED[type(error)]
        return Trouble(status, "", gettext(_PAGES[status]), _about(error))
    if isinstance(error, PasswordWanted | TooManyGuesses):
        return _locked(error)
    if isinstance(error, HTTPException) and error.code is not None:
        return _http(error, error.code, settings)
    return Trouble(500, "internal", gettext(_PAGES[500]), gettext(_DETAILS[500]))


def _locked(error: PasswordWanted | TooManyGuesses) -> Trouble:
    if isinstance(error, PasswordWanted):
        kept = (("WWW-Authenticate", CHALLENGE),)
        return Trouble(401, "", gettext(_ASKS), gettext(_PASSWORD), kept)
    return _later(429, "guessing", _GUESSES, _GUESSED, error.seconds)


def _later(status: int, kind: str, title: str, sentence: str, seconds: int) -> Trouble:
    retry = (("Retry-After", str(seconds)),)
    said = gettext(sentence, seconds=number(seconds))
    return Trouble(status, kind, gettext(title), said, retry)


_KEPT: Final = ("Allow", "WWW-Authenticate")


def _http(error: HTTPException, status: int, settings: Settings) -> Trouble:
    if isinstance(error, TooOften):
        return _later(status, "too-often", _OFTEN, _OFTEN_SAID, error.seconds)
    title = gettext(_PAGES.get(status, error.name))
    kept = tuple((name, value) for name, value in error.get_headers() if name in _KEPT)
    return Trouble(status, "", title, _sentence(error, status, settings), kept)


def _sentence(error: HTTPException, status: int, settings: Settings) -> str:
    if status == 413:
        return gettext(
            "A request may have %(most)s MB and %(parts)s parts. Send a smaller picture.",
            most=significant(settings.request_bytes / 2**20),
            parts=number(settings.form_parts),
        )
    own = error.description or ""
    return own if own != type(error).description else gettext(_DETAILS.get(status, own))


def _about_picture(error: ImageError | NotFetched) -> str:
    told = _about(error)
    if not isinstance(error, ImageError) or error.among is None:
        return told
    place, count = map(number, error.among)
    return gettext("Picture %(place)s of %(count)s: %(told)s", place=place, count=count, told=told)


def _about(error: SpokenError) -> str:
    """Return the sentence of a failure, with its numbers as one writes them."""
    values = {
        name: number(value) if isinstance(value, int) else value
        for name, value in error.values.items()
    }
    return gettext(error.sentence, **values)
