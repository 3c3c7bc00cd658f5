"""What somebody sends who means harm: paths, headers, names of hosts, and pages of other sites."""

import itertools
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.live import Snapshot
from tests.app.changing import BEARER, TOKEN, Site, picture
from tests.app.sending import MULTIPART, form
from tests.app.test_answers import ADDRESSES
from tests.app.test_server import Server

EVIL: Final = "evil.example"
# What programs in front of a server, or behind it, have been seen to believe.
FORGED: Final = {
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Scheme": "nothttps",
    "X-Forwarded-Port": "6666",
    "X-Forwarded-Prefix": f"//{EVIL}",
    "Forwarded": f"host={EVIL};proto=https",
    "X-Host": EVIL,
    "X-Original-Url": "/about",
    "X-Rewrite-Url": "/about",
    "X-Http-Method-Override": "POST",
    "X-Method-Override": "DELETE",
    "Referer": f"https://{EVIL}/",
    "Origin": f"https://{EVIL}",
    "X-Request-Id": EVIL,
    "Range": "bytes=0-9",
}


@pytest.fixture(scope="module")
def server(bundle: Path) -> Iterator[Server]:
    running = Server(bundle, WORKERS="1")
    yield running
    running.stop()


def raw(server: Server, request: bytes) -> bytes:
    """Return what a server answers to these very bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def get(server: Server, path: str, *lines: str) -> tuple[bytes, bytes]:
    """Ask for a path as it is written here; return head and body."""
    head = "\r\n".join((f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines))
    answer = raw(server, head.encode("latin-1") + b"\r\n\r\n").partition(b"\r\n\r\n")
    return answer[0], answer[2]


UP: Final = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..\\", "....//", "%252e%252e%252f")
PLACES: Final = (
    "/static/x/{up}wsgi.py", "/static/{up}wsgi.py", "/static/x/base.css+{up}wsgi.py",
    "/images/{up}wsgi.py", "/images/{up}wsgi.py/small.webp", "/map/x/0/0/{up}wsgi.py",
    "/nearest/{up}wsgi.py", "/{up}wsgi.py", "/api/v1/images/{up}wsgi.py",
    "/compare/{up}wsgi.py/{up}wsgi.py",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_path_leads_to_a_file(server: Server, place: str) -> None:
    for up in UP:
        for file in ("wsgi.py", "etc/passwd", "app/settings.py%00.css"):
            head, body = get(server, place.replace("{up}", up * 8).replace("wsgi.py", file))
            assert head.split()[1] in {b"404", b"405"}, (place, up, file)
            for secret in (b"create_app", b"root:", b"IMAGESEARCH_"):
                assert secret not in body
    for path in ("/etc/passwd", "//etc/passwd", "file:///etc/passwd", "/static/x//etc/passwd"):
        assert get(server, path)[0].split()[1] == b"404"


BROKEN: Final = (
    "%0d%0aSet-Cookie:%20a=b",
    "%0aSet-Cookie:%20a=b",
    "%e5%98%8d%e5%98%8aSet-Cookie:a=b",
)
TAKING: Final = (
    "/{}", "/search?q={}", "/browse?tag={}", "/browse?done=added&generation={}", "/nearest/{}",
    "/images/{}", "/images/ID/similar?x={}&y=0&width=9&height=9", "/images/ID/similar?do={}",
    "/images/ID/similar?do=turn-0&where={}&tag={}&from={}", "/images/ID/similar?do=turn-0&more={}",
    "/map?near={}&at={}", "/static/{}/base.css", "/static/x/{}", "/api/v1/images?where={}",
    "/api/v1/images/{}", "/api/v1/search?url={}",
)  # fmt: skip


@pytest.mark.parametrize("path", TAKING)
def test_no_line_can_be_put_into_the_head_of_an_answer(
    server: Server, snapshot: Snapshot, path: str
) -> None:
    for broken in BROKEN:
        asked = path.replace("ID", snapshot.gallery.record(3).id).replace("{}", broken)
        head, _ = get(server, asked)
        assert int(head.split()[1]) < 500
        assert b"\nset-cookie" not in head.lower()
        assert not re.search(rb"\r\n(?![A-Za-z-]+: )", head)


def test_a_head_that_is_none_is_refused_before_anything_is_made_of_it(server: Server) -> None:
    for line in ("X-A: b\rSet-Cookie: a=b", "X-A: b\nSet-Cookie: a=b", "X A: b", "X-A\x00: b"):
        head, _ = get(server, "/", line)
        assert head.split()[1] == b"400"
        assert b"\nset-cookie" not in head.lower()


@pytest.fixture(params=ADDRESSES)
def address(request: pytest.FixtureRequest, snapshot: Snapshot) -> str:
    found: str = request.param.replace("ID", snapshot.gallery.record(3).id)
    return found


@pytest.fixture(scope="module")
def behind(bundle: Path) -> Flask:
    """Return the application behind a proxy that passes on what visitors tell of themselves."""
    return create_app({"TESTING": True, "BUNDLE": str(bundle), "PROXIES": 1})


def made(answer: Any) -> tuple[Any, ...]:
    """Return what of an answer may be kept; how long a search took is another each time."""
    text = re.sub(rb'"(milliseconds|request_id)": ?("[^"]*"|\{[^}]*\})', b"", answer.data)
    text = re.sub(rb"searched in [^<]*|\([^)<]* ms[^)<]*\)|Request [0-9a-f]{16}", b"", text)
    text = re.sub(rb"from-[a-z]+", b"", text)
    return answer.status_code, answer.headers.get("Location"), text


def test_what_is_forged_changes_no_answer(client: FlaskClient, address: str) -> None:
    plain, forged = client.get(address), client.get(address, headers=FORGED)
    assert made(forged) == made(plain)
    assert EVIL not in str(forged.headers)


def test_no_cache_can_be_made_to_give_a_forged_answer_to_others(
    behind: Flask, address: str
) -> None:
    client = behind.test_client()
    plain, forged = client.get(address), client.get(address, headers=FORGED)
    if "public" in forged.headers["Cache-Control"]:
        assert made(forged) == made(plain)
    else:
        # What a cache has kept it must ask for again, and then it is not told that it is right.
        assert forged.headers["Cache-Control"] in {"no-cache", "no-store"}
        held = {"If-None-Match": forged.headers.get("ETag", '"none"')}
        again = client.get(address, headers=held)
        assert again.status_code != 304 or made(forged) == made(plain)
    for place in re.findall(rb'(?:href|src|action)="([^"]*)"', forged.data):
        assert EVIL.encode() not in place


@pytest.mark.parametrize("told", [f"//{EVIL}", f"/\\{EVIL}", f"https://{EVIL}", '/a"><b>', "/a b"])
def test_a_path_that_is_none_of_a_site_is_not_believed_from_a_proxy(
    behind: Flask, told: str
) -> None:
    client = behind.test_client()
    for path in ("/", "/nothing", "/api"):
        page = client.get(path, headers={"X-Forwarded-Prefix": told}).text
        assert 'href="/browse"' in page
        assert EVIL not in page
    assert client.get("/nearest/3", headers={"X-Forwarded-Prefix": told}).location[:8] == "/images/"
    assert 'href="/a/b/browse"' in client.get("/", headers={"X-Forwarded-Prefix": "/a/b"}).text


def test_a_site_with_a_name_answers_to_no_other(bundle: Path) -> None:
    names = {"HOSTS": "pictures.example.org, www.example.org", "PROXIES": 1}
    client = create_app({"TESTING": True, "BUNDLE": str(bundle), **names}).test_client()
    own = {"Host": "www.example.org"}
    for headers in (own, {"Host": "pictures.example.org:8443"}, {"Host": "www.example.org:80"}):
        assert client.get("/api", headers=headers).status_code == 200
    for name in (EVIL, f"www.example.org.{EVIL}", f"{EVIL}#www.example.org", "", "127.0.0.1"):
        refused = client.get("/api", headers={"Host": name})
        assert refused.status_code == 400
        assert "does not have that name" in refused.text
        problem = client.get("/api/v1/model", headers=own | {"X-Forwarded-Host": name or EVIL})
        assert (problem.status_code, problem.mimetype) == (400, "application/problem+json")
        assert EVIL not in refused.text + problem.text
        for probe in ("/healthz", "/readyz"):
            assert client.get(probe, headers={"Host": name}).status_code == 200


@pytest.mark.parametrize("host", [EVIL, f'{EVIL}"><script>', f"a@{EVIL}", f"{EVIL}/a", "\x7f"])
def test_the_name_of_the_host_gets_into_no_address(client: FlaskClient, host: str) -> None:
    for path in ("/", "/api", "/nothing", "/nearest/3"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code in {200, 302, 404}
        assert EVIL not in str(answer.headers)
        assert EVIL not in "".join(re.findall(r'(?:href|src|action)="([^"]*)"', answer.text))
        assert "<script>" not in answer.text


def test_gunicorn_believes_no_neighbour_what_only_proxies_tell(server: Server) -> None:
    _, page = get(server, "/api", "X-Forwarded-Proto: https", "Script_Name: /api", "Path_Info: /")
    assert b"http://localhost/api/v1/search" in page
    assert b"https://localhost" not in page
    assert b'href="/browse"' in page


LEADING: Final = (
    "/nearest/3?next=//{evil}", "/images/ID/similar?do=turn-0&next={evil}", "//{evil}/nearest/3",
    "/images/ID/similar?x=0&y=0&width=9&height=9&back=https://{evil}", "//{evil}/..", "/\\{evil}",
    "/%5c{evil}", "/%2f%2f{evil}", "//{evil}/%2e%2e", "/browse/", "//{evil}/browse/", "/.{evil}",
)  # fmt: skip


@pytest.mark.parametrize("path", LEADING)
def test_nobody_is_led_to_another_site(server: Server, snapshot: Snapshot, path: str) -> None:
    asked = path.replace("ID", snapshot.gallery.record(3).id).replace("{evil}", EVIL)
    head, _ = get(server, asked, f"X-Forwarded-Host: {EVIL}")
    (told,) = re.findall(rb"\r\nLocation: ([^\r]*)", head) or [b"/"]
    assert re.match(rb"/(?![/\\])", told)
    assert EVIL.encode() not in told.partition(b"?")[0]


FOREIGN: Final = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": f"https://{EVIL}"},
    {"Origin": f"http://localhost.{EVIL}"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "null"},
)
OWN: Final[tuple[dict[str, str], ...]] = (
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
)


def test_a_page_of_another_site_changes_nothing_though_it_knows_the_token(
    changeable: Site,
) -> None:
    before, identifier = changeable.generation(), changeable.records()[0].id
    fields = {"token": TOKEN, "title": "Forged", "language": "de", "do": "remove", "sure": "1"}
    body = form(("a.jpg", picture()), **fields)
    paths = ("/upload", f"/images/{identifier}/edit", "/language")
    for path, told in itertools.product(paths, FOREIGN):
        headers = {"Content-Type": MULTIPART, **told}
        answer = changeable.client.post(path, data=body, headers=headers)
        assert (answer.status_code, path, told) == (403, path, told)
        assert "A page of another site sent this form" in answer.text
        assert "Set-Cookie" not in answer.headers
    assert changeable.generation() == before


@pytest.mark.parametrize("told", OWN)
def test_the_own_pages_and_programs_are_not_taken_for_others(
    client: FlaskClient, told: dict[str, str]
) -> None:
    answer = client.post("/language", data={"language": "de", "back": "/about"}, headers=told)
    client.delete_cookie("language")
    assert (answer.status_code, answer.location) == (303, "/about")


def test_what_is_only_asked_for_changes_nothing(changeable: Site) -> None:
    before, identifier = changeable.generation(), changeable.records()[0].id
    for path in ("/upload", f"/images/{identifier}/edit", f"/api/v1/images/{identifier}"):
        query = {
            "token": TOKEN,
            "title": "Forged",
            "do": "remove",
            "sure": "1",
            "_method": "DELETE",
        }
        override = BEARER | {"X-HTTP-Method-Override": "DELETE"}
        assert changeable.client.get(path, query_string=query, headers=override).status_code == 200
    assert changeable.client.get("/language", query_string={"language": "de"}).status_code == 405
    assert changeable.generation() == before
