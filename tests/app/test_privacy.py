"""An uploaded picture is never written to disk, and TensorFlow is never loaded."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests import drawing
from tests.app.conftest import ROOT
from tests.app.sending import MULTIPART, holding, multipart

# An audit hook stays for the life of the process, so one hook writes into whatever list is here.
_watching: list[list[str]] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if not _watching:
        return
    if event == "open" and isinstance(arguments[2], int):
        if arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            _watching[-1].append(f"open {arguments[0]!r}")
    elif event in {"tempfile.mkstemp", "tempfile.mkdtemp", "os.rename", "os.mkdir"}:
        _watching[-1].append(f"{event} {arguments!r}")


@pytest.fixture(scope="session")
def _hook() -> None:
    sys.addaudithook(_watch)


@pytest.fixture
def written(_hook: None) -> Iterator[list[str]]:
    """Return everything that this process opens for writing during the test."""
    events: list[str] = []
    _watching.append(events)
    yield events
    _watching.pop()


def large_photo() -> bytes:
    """Return a picture of several megabytes: Werkzeug keeps only small ones in memory by itself."""
    content = drawing.encoded(drawing.draw("arch", size=(2000, 1500)), "BMP")
    assert len(content) > 5_000_000
    return content


def test_an_upload_is_never_written_to_disk(client: FlaskClient, written: list[str]) -> None:
    content = large_photo()
    form = client.post("/", data=multipart(content), content_type=MULTIPART)
    api = client.post("/api/v1/search", data=multipart(content), content_type=MULTIPART)
    identifier = client.get("/nearest/3").location.split("/")[-1]
    held = client.post(f"/compare/{identifier}", data=holding(content), content_type=MULTIPART)
    raw = client.post("/api/v1/search", data=content)
    bad = client.post("/", data=multipart(content[:-1000]), content_type=MULTIPART)
    assert [each.status_code for each in (form, api, raw, held)] == [200, 200, 200, 200]
    assert bad.status_code == 422
    assert written == []


def test_the_watch_sees_what_it_should(tmp_path: Path, written: list[str]) -> None:
    (tmp_path / "file").write_text("x")
    assert len(written) == 1


SERVE = """
import sys
from wsgi import app
client = app.test_client()
assert client.post("/api/v1/search", data=open(sys.argv[1], "rb").read()).status_code == 200
for path in ("/", "/browse", "/about", "/nearest/0", "/api/v1/openapi.json"):
    assert client.get(path).status_code in (200, 302)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_no_tensorflow_in_the_server(bundle: Path, drawn: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(drawn / "arch" / "00.jpg")],
        cwd=ROOT, env={**os.environ, "IMAGESEARCH_BUNDLE": str(bundle)},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert "ai_edge_litert" in loaded
    assert loaded.isdisjoint({"tensorflow", "keras", "tensorboard", "jax", "torch"})


def test_importing_does_nothing(tmp_path: Path) -> None:
    environ = {**os.environ, "IMAGESEARCH_BUNDLE": str(tmp_path / "nothing here")}
    code = "import app, app.api, app.pages, app.pictures, app.__main__, model.bundle"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
