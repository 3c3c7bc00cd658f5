"""Debian's nginx with the configuration that ships, before the real server.

Only ports and paths are replaced, and what listens on IPv6 is left out: not every machine has it.
"""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.app.raw import PATIENCE, answer, head, statuses, upload
from tests.app.test_server import Server
from tests.conftest import ROOT, free_port

NAME = "pictures.example.org"
SHIPPED = ROOT / "docs" / "nginx" / "imagesearch.conf"
NOBODY = 65534
# Visitors come from another address than those who mean ill.
VISITOR, OTHERS = "127.0.0.1", "127.0.0.2"


class Site(NamedTuple):
    """An nginx that runs. folder: where it would write what it does not keep in memory."""

    tls: int
    plain: int
    folder: Path
    server: Server
    trust: ssl.SSLContext

    def connect(self, source: str = VISITOR, name: str = NAME) -> ssl.SSLSocket:
        """Open a connection with TLS."""
        plain = socket.create_connection((VISITOR, self.tls), PATIENCE, (source, 0))
        return self.trust.wrap_socket(plain, server_hostname=name)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        source: str = VISITOR,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send one request, and return its answer."""
        connection = http.client.HTTPConnection(NAME, timeout=PATIENCE)
        connection.sock = self.connect(source)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    def kept(self) -> list[Path]:
        """Return what nginx has written of requests and answers."""
        return [path for path in (self.folder / "temp").rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def site(bundle: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = Server(bundle, PROXIES="1", METRICS="true", RATE="100", WORKERS="1")
        stack.callback(server.stop)
        https, plain = free_port(), free_port()
        _certify(folder)
        _configure(folder, {"443": https, "80": plain, "127.0.0.1:8000": server.port})
        trust = ssl.create_default_context(cafile=folder / "site.pem")
        stack.callback(_started(folder))
        yield Site(https, plain, folder, server, trust)


def _certify(folder: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    command += ["-keyout", str(folder / "site.key"), "-out", str(folder / "site.pem")]
    subprocess.run(command, check=True, capture_output=True)


def _configure(folder: Path, ports: dict[str, int]) -> None:
    text = re.sub(r"\n *listen \[::\].*", "", SHIPPED.read_text())
    text = re.sub(r"listen (443|80)\b", lambda found: f"listen 127.0.0.1:{ports[found[1]]}", text)
    for old, new in {
        "127.0.0.1:8000": f"127.0.0.1:{ports['127.0.0.1:8000']}",
        "/etc/ssl/pictures.pem": f"{folder}/site.pem",
        "/etc/ssl/pictures.key": f"{folder}/site.key",
        "/var/log/nginx/imagesearch.log": f"{folder}/site.log",
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"{kind}_temp_path {folder}/temp/{kind};" for kind in kinds)
    (folder / "temp").mkdir()
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}\ninclude {folder}/site.conf; }}\n"
    )


def _started(folder: Path) -> Callable[[], None]:
    """Start nginx as a user who may do nothing special; return what ends it."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.fail("This test needs nginx. On Debian: apt-get install nginx-light")
    who = None
    if os.geteuid() == 0:
        who = NOBODY
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    command = [found, "-p", str(folder), "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]
    process = subprocess.Popen(
        command, user=who, group=who, extra_groups=None if who is None else []
    )
    for _ in range(600):
        if (folder / "nginx.pid").exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    assert process.poll() is None, (folder / "error.log").read_text()

    def end() -> None:
        process.terminate()
        assert process.wait(timeout=20) == 0

    return end


def test_searches_pages_and_style_come_through(site: Site, photo: bytes) -> None:
    found, content = site.ask("POST", "/api/v1/search", photo)
    assert found.status == 200
    first = json.loads(content)["matches"][0]
    assert site.ask("GET", first["page"])[0].status == 200
    assert site.ask("GET", first["thumbnail"])[0].status == 200
    page, text = site.ask("GET", "/")
    assert page.status == 200
    style = re.search(rb'href="(/static/[^"]+css)"', text)
    assert style
    assert site.ask("GET", style[1].decode())[0].status == 200
    assert page.getheader("Strict-Transport-Security") == "max-age=31536000"
    assert page.getheader("Server") == "nginx"
    assert re.fullmatch(r"[0-9a-f]{32}", page.getheader("X-Request-Id", ""))


def test_what_visitors_say_of_proxies_is_not_believed(site: Site) -> None:
    spoofed = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-For": "203.0.113.9",
        "X-Request-Id": "told-by-a-visitor",
        "Forwarded": "host=evil.example",
        "X-Script-Name": "/evil",
    }
    found, text = site.ask("GET", "/api", headers=spoofed)
    assert found.status == 200
    assert b"evil" not in text
    assert f"https://{NAME}/api/v1/search".encode() in text
    assert "told" not in (found.getheader("X-Request-Id") or "told")
    assert "evil" not in str(found.getheaders())


def test_the_address_that_is_counted_is_the_visitors_own(site: Site) -> None:
    """Whoever names another address with each request is counted as one all the same."""
    other = "127.0.0.3"
    answers = [
        site.ask("GET", "/nowhere", None, {"X-Forwarded-For": f"203.0.113.{each}"}, source=other)[0]
        for each in range(101)
    ]
    assert {found.status for found in answers[:100]} == {404}
    assert answers[100].status == 429
    assert 0 < int(answers[100].getheader("Retry-After") or 0) <= 60
    # Others go on.
    assert site.ask("GET", "/nowhere", source="127.0.0.4")[0].status == 404


def test_other_names_lead_nowhere(site: Site) -> None:
    with pytest.raises(ssl.SSLError):
        site.connect(name="evil.example")
    with site.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        assert statuses(answer(client)) in ([421], [400], [])
    with socket.create_connection((VISITOR, site.plain), PATIENCE) as client:
        client.sendall(
            b"GET /about?x=1 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        )
        moved = answer(client).decode()
    assert f"Location: https://{NAME}/about?x=1\r\n" in moved


@pytest.mark.parametrize(
    "path",
    [
        *("/metrics", "/metrics?x=1", "/metrics/", "//metrics", "/./metrics", "/%6detrics"),
        *("/x/../metrics", "/static/../metrics", "/static/..%2fmetrics", "/readyz"),
    ],
)
def test_what_is_for_operators_is_not_public(site: Site, path: str) -> None:
    found, text = site.ask("GET", path)
    assert found.status == 404
    assert b"imagesearch_" not in text
    assert site.server.ask("GET", "/metrics")[0] == 200  # but is there, for those who run it


def test_large_pictures_come_through_and_are_written_nowhere(site: Site) -> None:
    large = upload(15 * 2**20, f"Host: {NAME}")
    sent = large.replace(b"Host: localhost\r\n", b"") + bytes(14 * 2**20)
    with site.connect(OTHERS) as client:
        client.sendall(sent)
        assert site.kept() == []
        client.sendall(bytes(2**20))
        client.settimeout(PATIENCE)
        assert client.recv(12) == b"HTTP/1.1 415"
    assert site.ask("POST", "/api/v1/search", bytes(17 * 2**20))[0].status == 413
    assert site.kept() == []


def told_now(client: socket.socket) -> bytes:
    """Return what a client has been answered by now."""
    client.settimeout(0.05)
    try:
        return client.recv(65536)
    except (TimeoutError, ConnectionResetError):
        return b""


def test_slow_clients_and_many_connections_keep_nobody_away(site: Site, photo: bytes) -> None:
    begun = upload(len(photo)).replace(b"localhost", NAME.encode()) + photo[:500]
    with ExitStack() as stack:
        slow = [stack.enter_context(site.connect(OTHERS)) for _ in range(60)]
        for client in slow:
            client.sendall(begun)
        assert site.ask("GET", "/")[0].status == 200
        assert site.ask("POST", "/api/v1/search", photo)[0].status == 200
        # One address has fifty of them; who has more is told, whoever comes first.
        told = [each for each in map(told_now, slow) if each]
        assert 0 < len(told) <= 10
        assert [statuses(each) for each in told] == [[429]] * len(told)
        assert all(b"Retry-After: 2\r\n" in each for each in told)


def test_what_could_be_read_in_two_ways_is_refused(site: Site) -> None:
    for lines in (
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Transfer-Encoding: xchunked"],
    ):
        sent = head("POST", "/api/v1/search", *lines).replace(b"localhost", NAME.encode())
        with site.connect() as client:
            client.sendall(sent + b"0\r\n\r\n")
            assert statuses(answer(client))[0] in {400, 501}
