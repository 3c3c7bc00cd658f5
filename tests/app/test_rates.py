"""How often one address may ask: 429 with Retry-After, counted in memory or in the real Redis."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from tests.app.test_server import Server
from tests.conftest import free_port


def client(bundle: Path, **config: object) -> FlaskClient:
    return create_app({"TESTING": True, "BUNDLE": str(bundle), **config}).test_client()


def often(
    asking: FlaskClient, times: int, path: str = "/about", address: str = "192.0.2.1"
) -> list[int]:
    """Ask so often from one address; return the statuses."""
    environ = {"REMOTE_ADDR": address}
    return [asking.get(path, environ_overrides=environ).status_code for _ in range(times)]


def test_nobody_is_counted_unless_asked(bundle: Path) -> None:
    assert set(often(client(bundle), 100)) == {200}


def test_an_address_that_asks_too_often_waits_and_others_do_not(bundle: Path) -> None:
    limited = client(bundle, RATE=5)
    assert often(limited, 7) == [200] * 5 + [429] * 2
    assert often(limited, 1, address="192.0.2.2") == [200]


def test_an_upload_counts_ten(bundle: Path, photo: bytes) -> None:
    limited = client(bundle, RATE=25)
    answers = [limited.post("/api/v1/search", data=photo).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_style_scripts_and_health_are_free(bundle: Path) -> None:
    limited = client(bundle, RATE=1)
    version = limited.application.extensions["assets"][1]
    for path in (f"/static/{version}/base.css", "/healthz", "/readyz"):
        assert often(limited, 5, path) == [200] * 5
    assert often(limited, 2) == [200, 429]


def test_a_program_is_told_when_to_come_again(bundle: Path) -> None:
    limited = client(bundle, RATE=1)
    limited.get("/api/v1/model")
    refused = limited.get("/api/v1/model")
    problem = json.loads(refused.data)
    assert refused.status_code == problem["status"] == 429
    assert refused.mimetype == "application/problem+json"
    assert problem["type"] == "urn:imagesearch:problem:too-often"
    assert 2 <= int(refused.headers["Retry-After"]) <= 60
    assert f"in {refused.headers['Retry-After']} seconds" in problem["detail"]


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "So many requests have come from your address"), ("de", "Von dieser Adresse kamen")],
)
def test_a_visitor_is_told_in_the_own_language(bundle: Path, language: str, told: str) -> None:
    limited, asked = client(bundle, RATE=1), {"Accept-Language": language}
    limited.get("/", headers=asked)
    refused = limited.get("/", headers=asked)
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers
    assert told in refused.text
    assert "192.0.2" not in refused.text


def test_a_network_of_ipv6_is_one_customer(bundle: Path) -> None:
    limited = client(bundle, RATE=1)
    assert often(limited, 1, address="2001:db8:1:2::1") == [200]
    assert often(limited, 1, address="2001:db8:1:2:ffff::2") == [429]
    assert often(limited, 1, address="2001:db8:1:3::1") == [200]
    assert often(limited, 1, address="::ffff:192.0.2.7") == [200]
    assert often(limited, 1, address="192.0.2.7") == [429]


@pytest.mark.parametrize(("proxies", "statuses"), [(0, [200, 429]), (1, [200, 200])])
def test_behind_a_proxy_the_visitors_address_counts(
    bundle: Path, proxies: int, statuses: list[int]
) -> None:
    limited = client(bundle, RATE=1, PROXIES=proxies)
    told = [{"X-Forwarded-For": f"198.51.100.1, 192.0.2.{each}"} for each in range(2)]
    assert [limited.get("/", headers=each).status_code for each in told] == statuses


def test_guessing_a_password_is_slowed_down(bundle: Path) -> None:
    limited = client(bundle, RATE=3, PASSWORD="a long one that nobody guesses")
    assert often(limited, 4) == [401, 401, 401, 429]


class Redis:
    """Debian's Redis, on a port of its own, keeping nothing."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("redis-server")
        if found is None:
            pytest.fail("This test needs Redis. On Debian: apt-get install redis-server")
        self.port = free_port()
        self._command = [found, "--port", str(self.port), "--bind", "127.0.0.1"]
        self._command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert any("Ready to accept" in line for line in self.process.stdout)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.communicate(timeout=20)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    running = Redis(tmp_path)
    yield running
    if running.process.poll() is None:
        running.stop()


def test_redis_counts_for_all_processes_and_when_it_is_away_requests_go_on(
    bundle: Path, redis: Redis
) -> None:
    store = f"redis://127.0.0.1:{redis.port}"
    servers = [Server(bundle, RATE="20", RATE_STORE=store) for _ in range(2)]

    def asked(times: int) -> list[int]:
        return [servers[each % 2].ask("GET", "/about")[0] for each in range(times)]

    assert asked(30) == [200] * 20 + [429] * 10
    redis.stop(signal.SIGKILL)
    # Each of the four processes now counts from nothing.
    assert set(asked(10)) == {200}
    for server in servers:
        server.process.terminate()
        _, told = server.process.communicate(timeout=40)
        assert "Redis does not answer (ConnectionError)" in told
        assert "Traceback" not in told
        assert "127.0.0.1" not in told


def test_redis_that_comes_back_counts_again(
    bundle: Path, redis: Redis, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.rates._AWAY", 0.0)
    limited = client(bundle, RATE=3, RATE_STORE=f"redis://127.0.0.1:{redis.port}")
    assert often(limited, 4) == [200, 200, 200, 429]
    redis.stop()
    assert often(limited, 4) == [200, 200, 200, 429]
    redis.start()
    assert often(limited, 4) == [200, 200, 200, 429]
    told = capsys.readouterr().err.splitlines()
    assert [("answers again" in line) for line in told] == [False, True]


def test_the_password_of_redis_is_told_nobody(bundle: Path) -> None:
    limited = client(bundle, RATE=3, RATE_STORE="redis://:told-to-nobody@127.0.0.1:1")
    assert often(limited, 4) == [200, 200, 200, 429]
    assert "told-to-nobody" not in repr(limited.application.extensions["imagesearch"][0])
