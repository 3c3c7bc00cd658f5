"""What the address of a picture may say: who is asked, by which protocol, at which port."""

from typing import Final, NamedTuple
from urllib.parse import urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from model.sentences import N_, SpokenError

LONGEST: Final = 2000  # in characters
_PORTS: Final = {"http": 80, "https": 443}


class NotFetched(SpokenError):
    """A picture did not arrive; its text says why, and nothing of what is only seen from here."""


class Place(NamedTuple):
    """An address, understood. host: as it stands there, an IPv6 address in brackets."""

    scheme: str
    host: str
    port: int
    target: str


def place_of(address: str, ports: tuple[int, ...]) -> Place:
    """Return what an address says. ports: those that may be asked at. Raises NotFetched."""
    try:
        url = parse_url(address)
    except LocationParseError:
        raise _unusable() from None
    usual = _PORTS.get(url.scheme or "")
    if usual is None or not url.host or len(address) > LONGEST:
        raise _unusable()
    if url.auth is not None:
        raise NotFetched(N_("An address with a user name or a password in it is not asked."))
    port = usual if url.port is None else url.port
    if port not in ports:
        raise NotFetched(N_("Addresses with the port %(port)s are not asked."), port=str(port))
    return Place(url.scheme or "", url.host, port, url.request_uri)


def led_on(address: str, to: str) -> str:
    """Return where a redirect leads to. Raises NotFetched."""
    try:
        return urljoin(address, to)
    except ValueError:
        raise _unusable() from None


def _unusable() -> NotFetched:
    return NotFetched(
        N_("That is not the address of a picture on the web. It begins with http:// or https://.")
    )
