"""What is installed is written down, its licences are allowed, and weaknesses are asked for."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT, free_port
from tests.supply.licences import components

AUDIT = ROOT / ".venv" / "audit" / "bin" / "python"
HASH = f"--hash=sha256:{'0' * 64}"


def run(*words: str | Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run with the Python of the environment that `make test` sets up for it."""
    assert AUDIT.exists(), "`make .venv/audit/ready` sets up what this needs."
    command = [str(AUDIT), *map(str, words)]
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bill of what the tests run in, written as docs/operating.md says."""
    return written(tmp_path_factory.mktemp("bill"))


def written(folder: Path, **environ: str) -> Path:
    said = (ROOT / "docs" / "operating.md").read_text()
    found = re.search(r"^    \.venv/audit/bin/python (-m cyclonedx_py .+)$", said, re.MULTILINE)
    assert found
    path = folder / "sbom.cdx.json"
    places = {".venv/serve/bin/python": sys.executable, "build/sbom.cdx.json": str(path)}
    words = [places.get(word, word) for word in found[1].split()]
    done = run(*words, "--no-validate", **environ)  # which takes 17 seconds for so many packages
    assert done.returncode == 0, done.stderr
    return path


def needed_here(name: str) -> dict[str, str]:
    """Return the packages of a requirements file that this system and this Python need."""
    lines = (ROOT / name).read_text().splitlines()
    told = [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"\w.*==", line)]
    return {
        canonicalize_name(each.name): next(iter(each.specifier)).version
        for each in told
        if each.marker is None or each.marker.evaluate()
    }


def test_the_bill_names_every_package_that_serving_needs_and_its_version(bill: Path) -> None:
    told: dict[str, Any] = json.loads(bill.read_text())
    assert (told["bomFormat"], told["metadata"]["component"]["name"]) == (
        "CycloneDX",
        "imagesearch",
    )
    names = {
        re.sub(r"[._-]+", "-", each["name"]).lower(): each["version"] for each in components(bill)
    }
    assert needed_here("requirements-serve.txt").items() <= names.items()
    assert all(each["purl"].startswith("pkg:pypi/") for each in components(bill))


def test_no_package_has_a_licence_that_is_not_allowed(bill: Path) -> None:
    listed = run("-m", "tests.supply.licences", bill)
    assert listed.returncode == 0, listed.stdout
    assert "\nnumpy " in listed.stdout
    assert len(listed.stdout.splitlines()) == len(components(bill)) > 50


@pytest.mark.parametrize("told", ["License-Expression: MIT AND GPL-3.0-only\n", ""])
def test_another_licence_is_found_and_so_is_none(told: str, tmp_path: Path) -> None:
    folder = tmp_path / "strange-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: strange\nVersion: 1.0\n{told}")
    listed = run("-m", "tests.supply.licences", written(tmp_path, PYTHONPATH=str(tmp_path)))
    assert listed.returncode == 1
    named = "GPL-3.0-only, MIT" if told else "?"
    assert f"strange 1.0: {named} - not allowed" in listed.stdout


@contextmanager
def advisories(weak: str, status: int = 200) -> Iterator[str]:
    """Answer as OSV does, on loopback: one package is weak, in every version before 99."""

    class Asked(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            package = told["package"]
            events = [{"introduced": "0"}, {"fixed": "99"}]
            affected = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
            known = {"id": "PYSEC-0000-1", "details": "Weak.", "affected": [affected]}
            answer = json.dumps({"vulns": [known]} if package["name"] == weak else {}).encode()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Asked) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.fixture
def required(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(f"jinja2==3.1.6 {HASH}\nflask==3.1.3 {HASH}\n")
    return path


@pytest.mark.parametrize(
    ("weak", "status", "told"),
    [
        ("none", 0, "2 packages were asked for, 0 weaknesses are known."),
        ("jinja2", 1, "jinja2 3.1.6: PYSEC-0000-1, mended by 99"),
    ],
)
def test_what_is_known_to_be_weak_is_told(
    weak: str, status: int, told: str, required: Path, tmp_path: Path
) -> None:
    with advisories(weak) as address:
        done = audited(address, required, tmp_path)
    assert done.returncode == status, done.stderr
    assert told in done.stdout


def test_where_nobody_can_be_asked_nothing_is_said_to_be_well(
    required: Path, tmp_path: Path
) -> None:
    with advisories("none", status=500) as failing:
        answers = [audited(failing, required, tmp_path)]
    answers.append(audited(f"http://127.0.0.1:{free_port()}", required, tmp_path))
    for done in answers:
        assert done.returncode == 2
        assert "could not be asked, so nothing is known" in done.stdout


def audited(address: str, required: Path, home: Path) -> "subprocess.CompletedProcess[str]":
    words = ("-m", "tests.supply.audit", "--osv-url", address, required)
    return run(*words, HOME=str(home))


def test_every_requirements_file_can_be_audited_as_it_is() -> None:
    files = [f"--requirement={path}" for path in sorted(ROOT.glob("requirements*.txt"))]
    given = ("--disable-pip", "--require-hashes", "--dry-run", "--progress-spinner=off")
    done = run("-m", "pip_audit", "--strict", *given, *files)
    assert done.returncode == 0, done.stderr
    asked = re.search(r"would have audited (\d+) packages", done.stderr)
    assert asked
    assert int(asked[1]) > 150


@pytest.mark.parametrize("folder", ["tests/browser", "benchmarks/lighthouse"])
def test_every_package_of_npm_is_locked_by_its_hash(folder: str) -> None:
    locked: dict[str, Any] = json.loads((ROOT / folder / "package-lock.json").read_text())
    packages = {name: each for name, each in locked["packages"].items() if name}
    assert packages
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
