"""The page of the interface, the document that it shows, and the clients of the documentation."""

import html
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from tests.app.conftest import ROOT
from tests.app.markup import Page
from tests.app.test_server import Server

CLIENTS = ROOT / "docs" / "clients"


@pytest.fixture(scope="module")
def server(bundle: Path) -> Iterator[Server]:
    running = Server(bundle, WORKERS="1")
    yield running
    running.stop()


def test_the_page_shows_every_operation_with_its_limits_and_answers(client: FlaskClient) -> None:
    document = json.loads(client.get("/api/v1/openapi.json").data)
    page = Page(client.get("/api").text)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in page.text
            assert words(operation["summary"]) in words(page.text)
            assert words(operation["description"]) in words(page.text)
            assert all(each["name"] in page.text for each in operation["parameters"])
            assert all(each["description"] in page.text for each in operation["responses"].values())
    assert "1 to 100, 24 when left out" in page.text
    assert "at most 16 of them" in page.text
    # What holds for all of them is told once.
    assert page.text.count("A mistake of ours.") == 1
    # Docstrings mark code with backticks; a page has its own means.
    assert "`" not in page.text
    assert "at most 16 MB" in page.text
    assert "/api" in Page(client.get("/about").text).links()


def test_the_page_follows_the_settings(bundle: Path) -> None:
    config = {"TESTING": True, "BUNDLE": str(bundle), "RESULTS": 7, "RESULTS_MOST": 50}
    assert (
        "1 to 50, 7 when left out" in Page(create_app(config).test_client().get("/api").text).text
    )


def test_every_link_within_the_page_leads_to_its_place(client: FlaskClient) -> None:
    page = Page(client.get("/api").text)
    places = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    within = {link[1:] for link in page.links() if link.startswith("#")}
    assert len(within) > 10
    assert within <= places


def test_the_commands_of_the_page_work(server: Server, drawn: Path) -> None:
    _, source = server.ask("GET", "/api")
    commands = re.findall(r"<pre><code>(curl .*?)</code></pre>", source.decode())
    assert len(commands) == 10
    for command in commands:
        words = shlex.split(
            html.unescape(command).replace("bridge.jpg", str(drawn / "arch/00.jpg"))
        )
        found = json.loads(run([*words, "--silent", "--fail"]))
        assert found.keys() & {"matches", "images", "id", "recipe", "pairs", "groups", "places"}


def test_the_python_client_prints_the_matches(server: Server, drawn: Path) -> None:
    address = f"http://127.0.0.1:{server.port}"
    printed = run([sys.executable, str(CLIENTS / "search.py"), address, str(drawn / "arch/00.jpg")])
    lines = printed.splitlines()
    assert len(lines) == 5
    assert re.fullmatch(rf"1\.000  very similar +{address}/images/[0-9a-f]{{12}}", lines[0])


def test_the_curl_client_prints_the_answer(server: Server, drawn: Path) -> None:
    address = f"http://127.0.0.1:{server.port}"
    command = ["sh", str(CLIENTS / "search.sh"), address]
    found = json.loads(run([*command, str(drawn / "arch/00.jpg")]))
    assert len(found["matches"]) == 5
    assert found["matches"][0]["distance"] == pytest.approx(0, abs=1e-5)
    refused = subprocess.run([*command, __file__], capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert json.loads(refused.stdout)["status"] == 415


@pytest.mark.parametrize("name", ["search.py", "search.sh"])
def test_the_documentation_shows_the_clients_as_they_are(name: str) -> None:
    lines = (CLIENTS / name).read_text().splitlines()
    shown = "\n".join(f"    {line}".rstrip() for line in lines)
    assert shown in (ROOT / "docs" / "api.md").read_text()
    assert len([line for line in lines if line and not line.startswith(("#", '"'))]) <= 15


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout
