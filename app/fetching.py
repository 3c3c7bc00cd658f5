"""A picture at an address that a visitor names: fetched from there, held in memory, never kept.

Whoever names it chooses where this server connects to, so it asks for a picture as a stranger does:
without cookies, passwords or a proxy, at the ports of the web, and only on the open internet
(`app.networks`). A name is resolved once; every address that it has must be allowed, and one of
these is connected to, whatever the name means a moment later. All of that holds again for every
redirect. TLS is checked for the name.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, Final

from flask import Flask, current_app
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from app.addresses import NotFetched, Place, led_on, place_of
from app.networks import Address, allowed, parsed, resolved
from app.patience import Patience
from app.settings import Settings
from model.encoder import Busy
from model.sentences import N_

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_MOST_REDIRECTS: Final = 5
_PIECE: Final = 65_536
# Some servers know of no types.
_UNTYPED: Final = ("", "application/octet-stream", "binary/octet-stream")
_HEADERS: Final = {
    "Accept": "image/*",
    # Unpacked, a small answer could become a large one.
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "imagesearch",
}


class TooLarge(NotFetched):
    """More bytes than a picture may have that is sent."""


class NoPicture(NotFetched):
    """Something else lies there."""


class Fetcher:
    """Fetches pictures for one process, a few at a time: threads stay for everybody else.

    Raises SettingsError for networks that are none.
    """

    def __init__(self, chosen: Settings) -> None:
        self._networks = parsed(chosen.fetch_networks)
        self._ports = tuple(map(int, chosen.fetch_ports.replace(",", " ").split()))
        self._seconds, self._most = chosen.fetch_seconds, chosen.request_bytes
        self._turns = threading.BoundedSemaphore(max(1, chosen.threads // 2))
        # The system's resolver knows of no limit of time, so others wait for it.
        self._resolvers = ThreadPoolExecutor(chosen.threads, "resolving")

    def fetch(self, address: str) -> bytes:
        """Return the file at an address. Raises NotFetched, and Busy where others are fetching."""
        if not self._turns.acquire(blocking=False):
            raise Busy
        try:
            with Patience(self._seconds) as patience:
                return self._answered(address.strip(), patience)
        finally:
            self._turns.release()

    def _answered(self, address: str, patience: Patience) -> bytes:
        try:
            content = self._followed(address, patience)
            _ = patience.left  # what tells no length seems to be whole when it is cut
        except (OSError, http.client.HTTPException, HTTPError) as error:
            raise self._late() if patience.over else _broken() from error
        return content

    def _late(self) -> NotFetched:
        seconds = round(self._seconds)
        return NotFetched(
            N_("The picture did not arrive within %(seconds)s seconds."), seconds=seconds
        )

    def _followed(self, address: str, patience: Patience) -> bytes:
        for _ in range(_MOST_REDIRECTS + 1):
            place = place_of(address, self._ports)
            pinned = self._resolved(place, patience)
            with closing(_connection(place, pinned, patience)) as connection:
                connection.request("GET", place.target, headers=_HEADERS, preload_content=False)
                answer = connection.getresponse()
                if answer.status not in _REDIRECTS:
                    return _content(answer, self._most)
                address = led_on(address, answer.headers.get("Location", ""))
        raise NotFetched(N_("That address leads on and on, and to no picture."))

    def _resolved(self, place: Place, patience: Patience) -> list[Address]:
        asked = self._resolvers.submit(resolved, place.host, place.port)
        found = asked.result(timeout=patience.left)
        # One sentence for both: who asks learns nothing of names that are known only here.
        if not found or not all(allowed(each, self._networks) for each in found):
            raise NotFetched(
                N_("No place on the open internet has that address. Is it mistyped, or not public?")
            )
        return found


def init_app(app: Flask, chosen: Settings) -> None:
    """Let pictures be fetched, where the settings say so. Raises SettingsError."""
    app.extensions["fetcher"] = Fetcher(chosen) if chosen.fetch else None


def fetched(address: str) -> bytes:
    """Return the file at an address, where that is set. Raises what `Fetcher.fetch` raises."""
    fetcher: Fetcher = current_app.extensions["fetcher"]
    return fetcher.fetch(address)


class _Pinned(HTTPConnection):
    """A connection to one of some addresses, whatever the name of its host means by now."""

    def __init__(
        self, place: Place, pinned: Sequence[Address], patience: Patience, **more: Any
    ) -> None:
        super().__init__(place.host.strip("[]"), place.port, timeout=patience.left, **more)
        self._pinned, self._patience = pinned, patience

    def _new_conn(self) -> socket.socket:
        """Connect; what urllib3 overrides itself where a connection goes elsewhere."""
        for address in self._pinned:
            try:
                opened = socket.create_connection((str(address), self.port), self._patience.left)
            except OSError:
                continue
            self._patience.watch(opened)
            return opened
        raise OSError


class _PinnedSecure(_Pinned, HTTPSConnection):
    """The same by TLS, whose certificate must be one of the host's name."""


def _connection(place: Place, pinned: Sequence[Address], patience: Patience) -> HTTPConnection:
    if place.scheme == "http":
        return _Pinned(place, pinned, patience)
    return _PinnedSecure(place, pinned, patience, ssl_context=ssl.create_default_context())


def _content(answer: HTTPResponse, most: int) -> bytes:
    """Return the body of an answer that is a picture by its own words. Raises NotFetched."""
    if answer.status != 200:
        raise NotFetched(
            N_("No picture is there: the server at that address answers %(status)s."),
            status=str(answer.status),
        )
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not kind.startswith("image/") and kind not in _UNTYPED:
        raise NoPicture(
            N_(
                "There is something else than a picture. Take the address of the picture itself, "
                "not that of a page that shows it."
            )
        )
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise _broken()
    return _body(answer, most)


def _body(answer: HTTPResponse, most: int) -> bytes:
    content = bytearray()
    if (answer.length_remaining or 0) > most:
        raise _too_large(most)
    while piece := answer.read(_PIECE, decode_content=False):
        content += piece
        if len(content) > most:
            raise _too_large(most)
    return bytes(content)


def _too_large(most: int) -> TooLarge:
    megabytes = max(1, most >> 20)
    return TooLarge(N_("A picture may have %(most)s MB; that one has more."), most=megabytes)


def _broken() -> NotFetched:
    return NotFetched(
        N_("The server at that address does not answer as it should. Try to open it yourself.")
    )
