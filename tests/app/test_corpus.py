"""Every picture of the corpus gets a right answer, or a sentence: from the real server.

The loader's own tests say what is right (`tests/model/test_images.py`).
"""

import base64
import io
import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from benchmarks.processes import family
from tests import corpus, drawing
from tests.app.sending import MULTIPART, multipart
from tests.app.test_server import Server

MOST_MEMORY = 300_000_000  # bytes, of any process
REFUSED = {"multipage_rgb.tif": 415}
SCRIPT = b"<script>alert"


class Peaks(threading.Thread):
    """Watches how much memory each process of a server has had at most, in bytes."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid, self._ended = pid, threading.Event()
        self.found: dict[int, int] = {}

    def run(self) -> None:
        while not self._ended.wait(0.02):
            for pid in family(self._pid):
                self.found[pid] = max(self.found.get(pid, 0), _peak(pid))

    def end(self) -> int:
        self._ended.set()
        self.join()
        return max(self.found.values())


def _peak(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has ended meanwhile
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    return int(found[1]) * 1024 if found else 0


@pytest.fixture(scope="module")
def server(bundle: Path) -> Iterator[Server]:
    running = Server(bundle, WAIT="60", PICTURE_SECONDS="60")  # machines may be busy
    yield running
    running.stop()


def test_each_gets_an_answer_or_a_sentence_and_none_takes_much(server: Server) -> None:
    pictures = corpus.everything()
    watched = Peaks(server.process.pid)
    watched.start()

    def search(name: str) -> tuple[int, str]:
        status, body = server.ask("POST", "/api/v1/search", pictures[name])
        told = json.loads(body)
        return status, told["detail"] if status != 200 else "."

    def page(name: str) -> tuple[int, str]:
        body, headers = multipart(pictures[name]), {"Content-Type": MULTIPART}
        status, answer = server.ask("POST", "/", body, headers)
        return status, answer.decode()

    with ThreadPoolExecutor(4) as visitors:
        told = dict(zip(pictures, visitors.map(search, pictures), strict=True))
        shown = dict(zip(list(pictures)[::4], visitors.map(page, list(pictures)[::4]), strict=True))
    most = watched.end()

    assert {status for status, _ in told.values()} == {200, 413, 415, 422}
    assert not [name for name, (_, sentence) in told.items() if not sentence.endswith(".")]
    for name, (status, text) in shown.items():
        assert status == told[name][0], name
        assert 'type="file"' in text, name
        assert status == 200 or told[name][1].split(".", maxsplit=1)[0] in text, name
    good = [*corpus.whole(), *dict(corpus.odd()), *dict(corpus.polyglots())]
    assert {name: told[name][0] for name in good if told[name][0] != 200} == {}
    # What is measured is what decodes: it had to have some of the larger ones in memory.
    assert MOST_MEMORY / 2 < most < MOST_MEMORY
    assert server.ask("GET", "/readyz")[0] == 200


@pytest.mark.parametrize(
    "kind", ["text/html", "application/pdf", "image/svg+xml", "application/octet-stream", ""]
)
def test_no_type_and_no_name_makes_a_picture_another(client: FlaskClient, kind: str) -> None:
    for name, content in corpus.whole().items():
        raw = client.post("/api/v1/search", data=content, content_type=kind)
        sent = {"image": (io.BytesIO(content), "../../etc/passwd.exe", kind or "text/plain")}
        form = client.post("/api/v1/search", data=sent)
        for answer in (raw, form):
            assert answer.status_code == 200
            assert json.loads(answer.data)["query"]["format"] == name.split()[0]


def test_each_way_to_hold_a_camera_is_told(client: FlaskClient) -> None:
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        content = drawing.encoded(drawing.draw("arch", size=(90, 60)), exif=exif)
        query = json.loads(client.post("/api/v1/search", data=content).data)["query"]
        sides = (60, 90) if orientation >= 5 else (90, 60)
        assert (query["width"], query["height"]) == sides
        assert query["turned"] == (orientation != 1)


def test_nothing_that_hides_in_a_picture_comes_back(client: FlaskClient) -> None:
    for _, content in corpus.polyglots():
        assert SCRIPT in content
        page = client.post("/", data={"image": (io.BytesIO(content), "page.html")}).data
        assert SCRIPT not in page
        held = re.findall(rb'name="held" value="([^"]+)"', page)
        assert held
        assert not [each for each in held if SCRIPT in base64.b64decode(each)]


def test_pictures_that_others_test_with_are_read(client: FlaskClient) -> None:
    """scikit-image brings some: grey, palettes, pages, one moving; made by many programs.

    Pillow reads no TIFF whose pixels have 15 samples, and this says so.
    """
    kinds = {".png", ".jpg", ".gif", ".tif"}
    found = [each for each in files("skimage.data").iterdir() if Path(each.name).suffix in kinds]
    assert len(found) > 15
    answers = {
        each.name: client.post("/api/v1/search", data=each.read_bytes()).status_code
        for each in found
    }
    assert {name: status for name, status in answers.items() if status != 200} == REFUSED
