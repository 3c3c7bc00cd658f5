"""Visitors of every kind, who look whether what they get is right."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, NamedTuple

_PATIENCE: Final = 60.0
# Visitors come and go: one connection in so many requests is closed by them.
_STAY: Final = 20
_PART: Final = "--part\r\nContent-Disposition: form-data; name="
_FORM: Final = {"Content-Type": "multipart/form-data; boundary=part"}
_JPEG: Final = {"Content-Type": "image/jpeg"}


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


class Visit(NamedTuple):
    """One request. right: whether an answer to it is what it should be."""

    kind: str
    method: str
    path: str
    right: Callable[[Answer], bool]
    body: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})


class Visitors:
    """Clients that send one request after another, each picked by chance.

    count: how many pictures a search may go through. pause: seconds after each answer.
    """

    def __init__(
        self, port: int, pictures: Sequence[bytes], count: range, clients: int, pause: float
    ) -> None:
        self._port, self._pictures, self._count = port, pictures, count
        self._clients, self._pause = clients, pause
        self._lock = threading.Lock()
        self.answers: Counter[tuple[str, int]] = Counter()
        self.wrong: list[str] = []  # what was answered wrongly, or not at all
        self.renewed = 0  # kept connections that the server had closed meanwhile

    def come(self, seconds: float) -> None:
        """Return when everybody has been asking for a while and has gone again."""
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(target=self._stay, args=(until, random.Random(f"{seconds} {number}")))
            for number in range(self._clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _stay(self, until: float, chance: random.Random) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        while time.monotonic() < until:
            self._visit(connection, self._chosen(chance))
            if chance.randrange(_STAY) == 0:
                connection.close()
            time.sleep(self._pause)
        connection.close()

    def _visit(self, connection: http.client.HTTPConnection, visit: Visit) -> None:
        try:
            answer = self._asked(connection, visit)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._note(visit, f"{visit.kind}: {type(error).__name__} {error}")
            return
        fine = visit.right(answer)
        self._note(visit, "" if fine else f"{visit.kind}: {_short(answer)}", answer.status)

    def _note(self, visit: Visit, wrong: str, status: int = 0) -> None:
        with self._lock:
            self.answers[visit.kind, status] += 1
            if wrong:
                self.wrong.append(wrong)

    def _asked(self, connection: http.client.HTTPConnection, visit: Visit) -> Answer:
        """Ask; once more, as browsers do, where a kept connection had ended before."""
        kept = connection.sock is not None
        try:
            return _answer(connection, visit)
        except (ConnectionError, http.client.BadStatusLine):
            connection.close()
            if not kept:
                raise
            with self._lock:
                self.renewed += 1
            return _answer(connection, visit)

    def _chosen(self, chance: random.Random) -> Visit:
        content = chance.choice(self._pictures)
        make = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        return make(content, sha256(chance.choice(self._pictures)).hexdigest()[:12], self._count)


def _answer(connection: http.client.HTTPConnection, visit: Visit) -> Answer:
    connection.request(visit.method, visit.path, visit.body or None, visit.headers)
    response = connection.getresponse()
    return Answer(response.status, response.read())


def _short(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:120].decode(errors='replace')}"


def _search(content: bytes, _: str, count: range) -> Visit:
    """Search with a picture of the gallery: it finds itself."""
    name = sha256(content).hexdigest()[:12]

    def right(answer: Answer) -> bool:
        if answer.status != 200:
            return False
        found: Any = json.loads(answer.body)
        first = found["matches"][0]
        return first["id"] == name and first["distance"] < 1e-5 and found["searched"] in count

    return Visit("search", "POST", "/api/v1/search?limit=5", right, content, _JPEG)


def _results(content: bytes, _: str, __: range) -> Visit:
    head = f'{_PART}"image"; filename="a.jpg"\r\n\r\n'.encode()
    body = head + content + b"\r\n--part--\r\n"
    return Visit("page of results", "POST", "/", _whole, body, _FORM)


def _page(kind: str, path: str) -> Callable[[bytes, str, range], Visit]:
    return lambda _, name, __: Visit(kind, "GET", path.format(name), _whole)


def _similar(_: bytes, name: str, count: range) -> Visit:
    def right(answer: Answer) -> bool:
        return answer.status == 200 and json.loads(answer.body)["searched"] + 1 in count

    return Visit("similar", "GET", f"/api/v1/images/{name}/similar", right)


def _thumbnail(_: bytes, name: str, __: range) -> Visit:
    def right(answer: Answer) -> bool:
        return answer.status == 200 and answer.body[8:12] == b"WEBP"

    return Visit("thumbnail", "GET", f"/images/{name}/large.webp", right)


def _ready(_: bytes, __: str, count: range) -> Visit:
    def right(answer: Answer) -> bool:
        return answer.status == 200 and json.loads(answer.body)["pictures"] in count

    return Visit("readyz", "GET", "/readyz", right)


def _metrics(_: bytes, __: str, ___: range) -> Visit:
    return Visit("metrics", "GET", "/metrics", lambda answer: answer.status == 200)


def _torn(content: bytes, _: str, __: range) -> Visit:
    half = content[: len(content) // 2]
    refused = "a torn picture", "POST", "/api/v1/search", lambda answer: answer.status == 422
    return Visit(*refused, half, _JPEG)


def _nowhere(_: bytes, __: str, ___: range) -> Visit:
    return Visit("an unknown page", "GET", "/nowhere", lambda answer: answer.status == 404)


def _too_large(_: bytes, __: str, ___: range) -> Visit:
    body = bytes(17_000_000)
    return Visit("too large", "POST", "/", lambda answer: answer.status == 413, body, _FORM)


def _whole(answer: Answer) -> bool:
    return answer.status == 200 and answer.body.rstrip().endswith(b"</html>")


# What is asked for, and how often.
_KINDS: Final[dict[Callable[[bytes, str, range], Visit], int]] = {
    _search: 48,
    _results: 24,
    _similar: 16,
    _page("page of similar ones", "/images/{}/similar"): 16,
    _page("page of a picture", "/images/{}"): 16,
    _page("gallery", "/browse?page=1"): 8,
    _page("map", "/map"): 8,
    _page("home", "/"): 8,
    _thumbnail: 40,
    _ready: 8,
    _metrics: 2,
    _torn: 4,
    _nowhere: 2,
    _too_large: 1,
}
