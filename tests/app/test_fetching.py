"""A picture at an address is searched with as if it were sent, and nothing else can be reached."""

import gzip
import io
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from flask.testing import FlaskClient

from app import create_app, networks, schema
from app.settings import SettingsError
from tests.app.elsewhere import DROPS, Elsewhere, led, listening, told
from tests.app.markup import Page

NOWHERE: Final = "No place on the open internet has that address."
LIMIT: Final = 2**20
HTML: Final = b"<!doctype html><title>A page</title>"


@pytest.fixture(scope="module")
def elsewhere(photo: bytes) -> Iterator[Elsewhere]:
    with listening() as server:
        server.answers |= _answers(server, photo)
        yield server


@pytest.fixture(scope="module")
def inside(elsewhere: Elsewhere) -> Iterator[Elsewhere]:
    """Return a server that only this machine should reach, at the same port."""
    with listening("127.0.0.2", elsewhere.port) as server:
        server.answers["/secret.jpg"] = elsewhere.answers["/bridge.jpg"]
        yield server


@pytest.fixture(scope="module")
def fetching(bundle: Path, elsewhere: Elsewhere) -> FlaskClient:
    return made(bundle, elsewhere.port, FETCH_SECONDS=20.0)


@pytest.fixture(scope="module")
def hasty(bundle: Path, elsewhere: Elsewhere) -> FlaskClient:
    return made(bundle, elsewhere.port, FETCH_SECONDS=0.5)


@pytest.fixture(scope="module")
def strict(bundle: Path) -> FlaskClient:
    """Return a client of a server that reaches nothing but the open internet."""
    return made(bundle, 80, FETCH_NETWORKS="", FETCH_SECONDS=20.0)


def made(bundle: Path, port: int, **more: object) -> FlaskClient:
    chosen = {"FETCH": True, "FETCH_PORTS": f"80, 443, {port}", "FETCH_NETWORKS": "127.0.0.1/32"}
    config = {"TESTING": True, "BUNDLE": str(bundle), "REQUEST_BYTES": LIMIT, **chosen, **more}
    return create_app(config).test_client()


def ask(client: FlaskClient, address: str) -> tuple[int, Any]:
    answer = client.get("/api/v1/search", query_string={"url": address, "limit": 5})
    return answer.status_code, answer.get_json()


def test_it_is_off_unless_somebody_turns_it_on(client: FlaskClient, elsewhere: Elsewhere) -> None:
    before, address = len(elsewhere.heads), elsewhere.address("/bridge.jpg")
    assert client.get("/api/v1/search", query_string={"url": address}).status_code == 405
    assert client.get("/search", query_string={"url": address}).status_code == 422
    assert "get" not in client.get("/api/v1/openapi.json").get_json()["paths"]["/api/v1/search"]
    assert Page(client.get("/").text).all("form", cls="by-address") == []
    assert len(elsewhere.heads) == before


def test_it_finds_what_the_same_picture_finds_that_is_sent(
    fetching: FlaskClient, elsewhere: Elsewhere, photo: bytes
) -> None:
    status, answer = ask(fetching, elsewhere.address("/bridge.jpg"))
    sent = fetching.post("/api/v1/search?limit=5", data=photo).get_json()
    assert status == 200
    assert {**answer, "milliseconds": 0} == {**sent, "milliseconds": 0}
    assert answer["matches"][0]["copy"] == "exact"
    msgspec.convert(answer, schema.SearchAnswer)


def test_its_page_is_that_of_a_picture_that_is_sent(
    fetching: FlaskClient, elsewhere: Elsewhere, photo: bytes
) -> None:
    (field,) = (
        each for each in Page(fetching.get("/").text).all("input") if each.get("name") == "url"
    )
    assert field["type"] == "url"
    found = fetching.get("/search", query_string={"url": elsewhere.address("/bridge.jpg")})
    sent = fetching.post("/", data={"image": (io.BytesIO(photo), "a.jpg")})
    assert found.status_code == 200
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["X-Robots-Tag"] == "noindex, nofollow"
    pages = [Page(each.text) for each in (found, sent)]
    assert len({str(page.all("li", cls="tile")) for page in pages}) == 1
    held = [next(e for e in page.all("input") if e.get("name") == "held") for page in pages]
    assert held[0] == held[1]


def test_what_it_takes_is_in_the_document(fetching: FlaskClient, elsewhere: Elsewhere) -> None:
    told_of = fetching.get("/api/v1/openapi.json").get_json()["paths"]["/api/v1/search"]["get"]
    names = {each["name"]: each["required"] for each in told_of["parameters"]}
    assert names["url"] is True
    assert names["region"] is names["limit"] is False
    assert "If-None-Match" not in names
    assert {"200", "413", "415", "422", "503"} < told_of["responses"].keys()
    assert "304" not in told_of["responses"]
    assert "GET /api/v1/search" in Page(fetching.get("/api").text).text
    answer = fetching.get("/api/v1/search", query_string={"url": elsewhere.address("/bridge.jpg")})
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    for query in ("", "url=a&url=b", f"url=http://example.org/{'a' * 2000}"):
        refused = fetching.get(f"/api/v1/search?{query}")
        assert refused.status_code == 422
        assert "The parameter url takes text of at most 2000 characters" in refused.text


def test_a_part_of_it_can_be_searched_with(fetching: FlaskClient, elsewhere: Elsewhere) -> None:
    query = {"url": elsewhere.address("/bridge.jpg"), "region": "0,0,100,90", "mirror": 1}
    answer = fetching.get("/api/v1/search", query_string=query).get_json()
    assert answer["query"]["region"] == {"x": 0, "y": 0, "width": 100, "height": 90}
    assert answer["query"]["mirror"] is True


def test_a_stranger_is_asked_as_a_stranger(
    fetching: FlaskClient, elsewhere: Elsewhere, inside: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = f"http://127.0.0.2:{inside.port}"
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)
    fetching.set_cookie("language", "de")
    headers = {"Referer": "http://localhost/secret", "Authorization": "Bearer x", "X-A": "b"}
    address = elsewhere.address("/bridge.jpg?size=large#part")
    elsewhere.answers["/bridge.jpg?size=large"] = elsewhere.answers["/bridge.jpg"]
    answer = fetching.get("/api/v1/search", query_string={"url": address}, headers=headers)
    fetching.delete_cookie("language")
    assert answer.status_code == 200
    request, *lines = elsewhere.heads[-1].strip().split("\r\n")
    assert request == "GET /bridge.jpg?size=large HTTP/1.1"
    assert {line.partition(":")[0] for line in lines} == {
        "Host", "Accept", "Accept-Encoding", "Connection", "User-Agent",
    }  # fmt: skip
    assert inside.heads == []


# By what lies at a path: the status and a word of the sentence that the sender is told.
REFUSED: Final[dict[str, tuple[int, str]]] = {
    "/page": (415, "something else than a picture"),
    "/html.jpg": (415, "not a picture that can be read"),
    "/drawing.svg": (415, "not a picture that can be read"),
    "/packed.jpg": (422, "does not answer as it should"),
    "/bomb.jpg": (422, "does not answer as it should"),
    "/empty.jpg": (415, "The file is empty"),
    "/missing.jpg": (422, "answers 404"),
    "/failing.jpg": (422, "answers 500"),
    "/promised.jpg": (413, "may have 1 MB"),
    "/unmeasured.jpg": (413, "may have 1 MB"),
    "/endless.jpg": (413, "may have 1 MB"),
    "/chunks.jpg": (413, "may have 1 MB"),
    "/short.jpg": (422, "is damaged"),
    "/torn.jpg": (422, "does not answer as it should"),
    "/torn chunk.jpg": (422, "does not answer as it should"),
    "/two lengths.jpg": (422, "does not answer as it should"),
    "/no http": (422, "does not answer as it should"),
    "/flood": (422, "does not answer as it should"),
    "/line": (422, "does not answer as it should"),
    "/nothing": (422, "does not answer as it should"),
    "/loop": (422, "leads on and on"),
    "/to nowhere": (422, "leads on and on"),
    "/to file": (422, "begins with http"),
    "/to ftp": (422, "begins with http"),
    "/to data": (422, "begins with http"),
    "/to brackets": (422, "begins with http"),
    "/to credentials": (422, "with a user name or a password"),
    "/to port": (422, "with the port 22 "),
    "/to inside": (422, NOWHERE),
    "/to metadata": (422, NOWHERE),
    "/to mapped": (422, NOWHERE),
    "/to inside at last": (422, NOWHERE),
}


def _answers(server: Elsewhere, photo: bytes) -> dict[str, Any]:
    """Return what the server sends by path."""
    inside, whole = f"http://127.0.0.2:{server.port}/secret.jpg", told(photo)
    packed, chunked = gzip.compress(photo), b"%x\r\n" % len(photo) + photo + b"\r\n0\r\n\r\n"
    bomb = gzip.compress(bytes(2**26))
    to = {
        "file": "file:///etc/passwd",
        "ftp": "ftp://127.0.0.1/a.jpg",
        "data": "data:image/png;base64,AAAA",
        "brackets": "http://[::1",
        "credentials": f"http://root:root@127.0.0.1:{server.port}/bridge.jpg",
        "port": "http://127.0.0.1:22/",
        "inside": inside,
        "metadata": "http://169.254.169.254/latest/meta-data/",
        "mapped": f"http://[::ffff:127.0.0.2]:{server.port}/secret.jpg",
        "inside at last": "/to%20inside",
        "here": "/bridge.jpg",
        "there": f"//127.0.0.1:{server.port}/to%20here",
        "nowhere": "",
    }
    found: dict[str, Any] = {f"/to {name}": led(address) for name, address in to.items()}
    found |= {
        "/bridge.jpg": whole,
        "/untyped.jpg": told(photo, "application/octet-stream"),
        "/chunked.jpg": told(chunked, "image/jpeg", "Transfer-Encoding: chunked"),
        "/until the end.jpg": whole.replace(b"Content-Length", b"X-Length"),
        "/digits.jpg": told(photo, "image/jpeg", f"Content-Length: {'9' * 5000}"),
        "/page": told(HTML, "text/html; charset=utf-8"),
        "/html.jpg": told(HTML),
        "/drawing.svg": told(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        "/packed.jpg": told(packed, "image/jpeg", "Content-Encoding: gzip"),
        "/bomb.jpg": told(bomb, "image/jpeg", "Content-Encoding: gzip"),
        "/empty.jpg": told(b""),
        "/missing.jpg": told(photo, status="404 Not Found"),
        "/failing.jpg": told(photo, status="500 Internal Server Error"),
        "/promised.jpg": told(photo, "image/jpeg", f"Content-Length: {LIMIT + 1}"),
        "/unmeasured.jpg": told(bytes(LIMIT + 1), "image/jpeg", "Content-Length: many"),
        "/endless.jpg": server.endless(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536)),
        "/chunks.jpg": server.endless(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"ffff\r\n%065535d\r\n" % 0
        ),
        "/short.jpg": told(photo, "image/jpeg", "Content-Length: 2000"),
        "/torn.jpg": told(photo[:2000], "image/jpeg", f"Content-Length: {len(photo)}"),
        "/torn chunk.jpg": told(chunked[:2000], "image/jpeg", "Transfer-Encoding: chunked"),
        "/two lengths.jpg": told(photo, "image/jpeg", "Content-Length: 9", "Content-Length: 8"),
        "/no http": photo,
        "/flood": told(photo, "image/jpeg", *(f"X-{number}: a" for number in range(500))),
        "/line": told(photo, "image/jpeg", f"X-Long: {'a' * 100_000}"),
        "/nothing": b"",
        "/loop": led("/loop"),
        "/slow body.jpg": server.dripping(whole, len(whole) - 1000),
        "/slow head.jpg": server.dripping(whole, 20),
        "/slow end.jpg": server.dripping(
            whole.replace(b"Content-Length", b"X-Length"), len(whole) - 41
        ),
    }
    return {path.replace(" ", "%20"): answer for path, answer in found.items()}


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_no_whole_picture_on_the_web_is_refused_with_a_sentence(
    fetching: FlaskClient, elsewhere: Elsewhere, inside: Elsewhere, path: str
) -> None:
    elsewhere.sent = 0
    address, (status, words) = elsewhere.address(path), REFUSED[path]
    got, problem = ask(fetching, address)
    assert (got, words in problem["detail"]) == (status, True), problem
    kind = problem["type"].removeprefix("urn:imagesearch:problem:")
    assert kind in {"not-fetched", "unsupported-format", "damaged-picture"}
    page = fetching.get("/search", query_string={"url": address})
    assert page.status_code == status
    assert words in Page(page.text).text
    assert inside.heads == []
    assert elsewhere.sent < 2**26  # beyond the limit, what sockets hold that nobody reads from


@pytest.mark.parametrize(
    "path",
    [
        "/untyped.jpg",
        "/chunked.jpg",
        "/until the end.jpg",
        "/digits.jpg",
        "/to here",
        "/to there",
    ],
)
def test_what_servers_do_that_mean_well_is_understood(
    fetching: FlaskClient, elsewhere: Elsewhere, path: str
) -> None:
    assert ask(fetching, f" {elsewhere.address(path)} ")[0] == 200


@pytest.mark.parametrize("path", ["/slow body.jpg", "/slow head.jpg", "/slow end.jpg"])
def test_who_sends_a_little_now_and_then_is_not_waited_for(
    hasty: FlaskClient, elsewhere: Elsewhere, path: str
) -> None:
    elsewhere.sent = 0
    status, problem = ask(hasty, elsewhere.address(path))
    assert (status, problem["title"]) == (422, "The picture could not be fetched")
    assert "did not arrive within" in problem["detail"]
    assert elsewhere.sent < DROPS


@pytest.mark.parametrize(
    "address",
    [
        "nonsense", "", "/bridge.jpg", "//example.org/a.jpg", "http:", "http:///a.jpg",
        "ftp://example.org/a.jpg", "file:///etc/passwd", "gopher://127.0.0.1:6379/_x",
        "data:image/png;base64,AAAA", "javascript:alert(1)", "http://[::1", "http://a b/",
        "http://example.org:99999/", "http://exam\r\nple.org/", "http://\x00/",
        "http://user@example.org/", "http://user:word@example.org/",
        "http://example.org:22/", "http://example.org:0/", "https://example.org:6379/",
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_are_asked(
    fetching: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError("It was looked up.")

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    status, problem = ask(fetching, address)
    assert status == 422
    assert problem["type"].endswith("not-fetched")


INSIDE: Final = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.254",
    "192.168.0.1", "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::7f00:1",
    "100::1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:db8::1",
    "2002:7f00:1::", "2002:808:808::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
)  # fmt: skip
OUTSIDE: Final = ("1.1.1.1", "93.184.216.34", "192.0.1.1", "2606:4700:4700::1111", "2a00:1450::1")


@pytest.mark.parametrize("host", INSIDE)
def test_no_address_that_is_not_of_the_open_internet_is_connected_to(
    strict: FlaskClient, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[str] = []

    def connect(place: tuple[str, int], *_: object) -> None:
        reached.append(place[0])
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    written = f"[{host}]" if ":" in host else host
    for address in (f"http://{written}/a.jpg", f"https://{written}/a.jpg"):
        status, problem = ask(strict, address)
        assert (status, NOWHERE in problem["detail"]) == (422, True)
    assert reached == []


def test_the_open_internet_is() -> None:
    for host in OUTSIDE:
        assert networks.allowed(ip_address(host), ())
    added = networks.parsed("10.1.0.0/16, fd12::/48")
    assert networks.allowed(ip_address("10.1.2.3"), added)
    assert networks.allowed(ip_address("fd12::1"), added)
    assert not networks.allowed(ip_address("10.2.0.1"), added)
    assert not networks.allowed(ip_address("::ffff:10.1.2.3"), added)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "127.1", "0x7f.1", "0177.0.0.1", "2130706433"]
)
def test_other_ways_to_write_the_same_are_no_way_in(strict: FlaskClient, host: str) -> None:
    status, problem = ask(strict, f"http://{host}/")
    assert (status, NOWHERE in problem["detail"]) == (422, True)


Names = Callable[..., list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Return a function that makes a name mean other addresses each time that it is asked for.

    It returns the list of the names that were looked up; the last meaning stays.
    """
    system = socket.getaddrinfo

    def mean(name: str, *meanings: tuple[str, ...]) -> list[str]:
        left, asked = list(meanings), list[str]()

        def look_up(host: str, port: int, *more: Any, **named: Any) -> Any:
            if host.rstrip(".") != name:
                return system(host, port, *more, **named)
            asked.append(host)
            found = left.pop(0) if len(left) > 1 else left[0]
            return [each for host in found for each in system(host, port, *more, **named)]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return asked

    return mean


def test_a_name_that_means_another_place_a_moment_later_leads_nowhere_else(
    fetching: FlaskClient, elsewhere: Elsewhere, inside: Elsewhere, names: Names
) -> None:
    asked = names("rebound.example", ("127.0.0.1",), ("127.0.0.2",))
    assert ask(fetching, elsewhere.address("/bridge.jpg", "rebound.example"))[0] == 200
    assert asked == ["rebound.example"]
    assert f"Host: rebound.example:{elsewhere.port}" in elsewhere.heads[-1]
    assert inside.heads == []


def test_a_redirect_to_the_same_name_is_looked_at_anew(
    fetching: FlaskClient, elsewhere: Elsewhere, inside: Elsewhere, names: Names
) -> None:
    asked = names("rebound.example", ("127.0.0.1",), ("127.0.0.2",))
    status, problem = ask(fetching, elsewhere.address("/to here", "rebound.example"))
    assert (status, NOWHERE in problem["detail"]) == (422, True)
    assert len(asked) == 2
    assert inside.heads == []


@pytest.mark.parametrize("found", [("127.0.0.1", "127.0.0.2"), ("127.0.0.2", "127.0.0.1")])
def test_a_name_one_of_whose_addresses_is_inside_is_not_asked(
    fetching: FlaskClient, elsewhere: Elsewhere, names: Names, found: tuple[str, ...]
) -> None:
    names("both.example", found)
    before = len(elsewhere.heads)
    status, problem = ask(fetching, elsewhere.address("/bridge.jpg", "both.example"))
    assert (status, NOWHERE in problem["detail"]) == (422, True)
    assert len(elsewhere.heads) == before


def test_a_name_that_nobody_has_is_told_like_one_that_is_known_only_here(
    fetching: FlaskClient, names: Names
) -> None:
    names("intranet.example", ("127.0.0.2",))
    known = ask(fetching, "http://intranet.example/")
    unknown = ask(fetching, "http://nobody.invalid/")
    assert known[1]["detail"] == unknown[1]["detail"]
    assert ask(fetching, f"http://{'a' * 64}.example/")[1]["detail"] == known[1]["detail"]


def test_a_resolver_that_does_not_answer_is_not_waited_for(
    hasty: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(20) and [])
    status, problem = ask(hasty, "http://slow.example/")
    answered.set()
    assert (status, "did not arrive within" in problem["detail"]) == (422, True)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a file with the key and the certificate of pictures.example."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    subject = ["-subj", "/CN=x", "-addext", "subjectAltName=DNS:pictures.example"]
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "certificate")]
    subprocess.run([*command, *subject, *files], check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_text("".join((tmp_path / name).read_text() for name in ("key", "certificate")))
    return both


def test_tls_is_checked_for_the_name(
    photo: bytes, bundle: Path, certificate: Path, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(certificate=str(certificate)) as server:
        server.answers["/bridge.jpg"] = told(photo)
        client = made(bundle, server.port, FETCH_SECONDS=20.0)
        names("pictures.example", ("127.0.0.1",))
        address = server.address("/bridge.jpg", "pictures.example", "https")
        assert "does not answer as it should" in ask(client, address)[1]["detail"]
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert ask(client, address)[0] == 200
        names("others.example", ("127.0.0.1",))
        other = server.address("/bridge.jpg", "others.example", "https")
        assert "does not answer as it should" in ask(client, other)[1]["detail"]
    assert len(server.heads) == 1


def test_who_fetches_takes_no_more_than_half_of_the_threads(
    bundle: Path, elsewhere: Elsewhere, photo: bytes
) -> None:
    client = made(bundle, elsewhere.port, THREADS=2, FETCH_SECONDS=20.0)
    begun, done = threading.Event(), threading.Event()

    def hold(connection: socket.socket) -> None:
        begun.set()
        done.wait(20)
        connection.sendall(told(photo))

    elsewhere.answers["/held.jpg"] = hold
    held: list[int] = []
    address = elsewhere.address("/held.jpg")
    others = client.application.test_client()
    thread = threading.Thread(target=lambda: held.append(ask(others, address)[0]))
    thread.start()
    assert begun.wait(10)
    status, problem = ask(client, elsewhere.address("/bridge.jpg"))
    assert (status, problem["type"]) == (503, "urn:imagesearch:problem:busy")
    assert client.post("/api/v1/search", data=photo).status_code == 200
    done.set()
    thread.join(20)
    assert held == [200]
    assert ask(client, elsewhere.address("/bridge.jpg"))[0] == 200


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/33", "fd12::/200", "10.0.0/8"])
def test_networks_that_are_none_stop_the_start_with_a_sentence(bundle: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="IMAGESEARCH_FETCH_NETWORKS cannot be"):
        made(bundle, 80, FETCH_NETWORKS=text)
