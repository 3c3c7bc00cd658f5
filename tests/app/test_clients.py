"""The clients of docs/api.md, run as their readers run them, against the real server."""

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

CLIENTS = ROOT / "docs" / "clients"


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_python_client_prints_the_matches(address: str, drawn: Path) -> None:
    photo = drawn / "truss" / "00.jpg"
    lines = run(sys.executable, str(CLIENTS / "search.py"), address, str(photo)).splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("1.000  very similar")
    assert all(f"{address}/images/" in line for line in lines)


def test_the_curl_client_prints_the_json(address: str, drawn: Path) -> None:
    photo = drawn / "truss" / "00.jpg"
    answer = json.loads(run("sh", str(CLIENTS / "search.sh"), address, str(photo)))
    assert [match["rank"] for match in answer["matches"]] == [1, 2, 3, 4, 5]
    assert answer["matches"][0]["title"] == "Truss, 00"


def test_the_documentation_shows_the_clients_as_they_are() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    for client in CLIENTS.iterdir():
        shown = "\n".join(f"    {line}".rstrip() for line in client.read_text().splitlines())
        assert shown in text, client.name
