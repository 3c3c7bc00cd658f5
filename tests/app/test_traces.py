"""What is searched with leaves no trace, and where a picture was taken is told to nobody."""

import base64
import http.client
import io
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from PIL import Image

from app import create_app
from model.indexing import index_folder
from model.publishing import adopt_model
from tests import drawing
from tests.app.elsewhere import listening, told
from tests.app.sending import MULTIPART, form, holding
from tests.app.test_server import Server
from tests.carrying import GPS, exif_of, jpeg, one_of, packet

# In what the picture says of itself, in the name of its file, and in the address that it has.
MARKER: Final = "marker4682"
NAMED: Final = "named4682"
PASSED_ON: Final = "address4682"
_HELD: Final = 2  # of the answers that are pages, the one to such a request
TAKEN: Final = "2031:07:04"  # the day that its GPS tells, which stands nowhere else


def marked() -> bytes:
    """Return a picture that tells who made it, and where it was taken, in every way there is."""
    exif = exif_of({0x010E: MARKER, 0x013B: MARKER}, {0x9286: MARKER.encode()})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.0, 30.0), 29: TAKEN})
    xmp = packet(one_of("dc:title", default=MARKER), exif_GPSLatitude=GPS)
    return jpeg(4682, xmp=xmp, exif=exif) + MARKER.encode()


@pytest.fixture(scope="module")
def content() -> bytes:
    made = marked()
    assert MARKER.encode() in made
    assert GPS.encode() in made
    assert TAKEN.encode() in made
    return made


class Visit:
    """Searches of every kind at a real server, and all that can be found there afterwards."""

    def __init__(self, bundle: Path, place: Path, content: bytes, elsewhere: str) -> None:
        port = str(urlsplit(elsewhere).port)
        fetch = {"FETCH": "true", "FETCH_PORTS": port, "FETCH_NETWORKS": "127.0.0.1/32"}
        server = Server(bundle, LOG_FORMAT="json", ACCESS_LOG="true", METRICS="true",
                        TOKEN="a-token-that-only-tests-know", **fetch)  # fmt: skip
        self._server, self.answers = server, list[tuple[int, Any, bytes]]()
        named = form((f"{NAMED}.jpg", content), title=MARKER, token="x" * 24)
        row = json.loads(server.ask("GET", "/api/v1/images?limit=1")[1])["images"][0]
        self._ask("POST", "/", named)
        self._ask("POST", "/api/v1/search", named)
        self._ask("POST", "/api/v1/search", content, "image/jpeg")
        self._ask("POST", f"/compare/{row['id']}", named)
        self._ask("POST", f"/compare/{row['id']}", holding(content))
        self._ask("POST", f"/api/v1/compare/{row['id']}", named)
        self._ask("GET", f"/search?url={elsewhere}")
        self._ask("GET", f"/api/v1/search?url={elsewhere}")
        self._ask("POST", "/", form((f"{NAMED}.jpg", content[:3000])))
        self._ask("POST", "/upload", named)
        self._ask("POST", f"/?next={PASSED_ON}", form((f"{NAMED}.txt", MARKER.encode())))
        self.files = dict(_files_of([server.process.pid, *server.workers()], place))
        server.process.terminate()
        self.log = "".join(server.process.communicate(timeout=40))

    def _ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = MULTIPART
    ) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=30)
        connection.request(
            method, path, body, {"Content-Type": kind, "Referer": f"http://{NAMED}/"}
        )
        answer = connection.getresponse()
        self.answers.append((answer.status, answer.headers, answer.read()))
        connection.close()


def _files_of(processes: Iterable[int], place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what lies below a folder, and every file that the processes hold open, or have mapped.

    Those that were deleted, or never had a name, are read by what holds them.
    """
    for path in place.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    for process in processes:
        for kind in ("fd", "map_files"):
            for each in Path(f"/proc/{process}/{kind}").iterdir():
                target = str(each.readlink()) if each.is_symlink() else ""
                if each.is_file() and not re.search(r"\.so\b|/bin/|\.pyc?$", target):
                    yield f"{each} {target}", each.read_bytes()


@pytest.fixture(scope="module")
def visit(
    bundle: Path, content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    place = tmp_path_factory.mktemp("visited")
    copy = Path(shutil.copytree(bundle, place / "bundle"))
    with pytest.MonkeyPatch.context() as patched, listening() as elsewhere:
        for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME"):
            (place / name).mkdir()
            patched.setenv(name, str(place / name))
        elsewhere.answers[f"/{PASSED_ON}.jpg"] = told(content)
        yield Visit(copy, place, content, elsewhere.address(f"/{PASSED_ON}.jpg"))


def test_the_searches_were_made(visit: Visit) -> None:
    assert [status for status, *_ in visit.answers] == [200] * 8 + [422, 401, 415]
    places = [name for name in visit.files if "imagesearch-metrics-" in name]
    assert places  # what is held open was looked at, too
    assert any("/bundle/" in name for name in visit.files)


def test_nothing_of_a_picture_is_left_in_any_file(visit: Visit, content: bytes) -> None:
    pixels = content[len(content) // 2 :][:40]
    for wanted in (MARKER, NAMED, PASSED_ON, GPS, TAKEN, pixels):
        searched = wanted if isinstance(wanted, bytes) else wanted.encode()
        assert [name for name, held in visit.files.items() if searched in held] == []


def test_nothing_of_a_picture_is_in_any_log(visit: Visit) -> None:
    assert visit.log.count("\n") >= 11
    for wanted in (MARKER, NAMED, PASSED_ON, GPS, TAKEN, "127.0.0.1"):
        assert wanted not in visit.log


def test_nothing_of_a_picture_may_be_kept_on_its_way(visit: Visit) -> None:
    for status, headers, body in visit.answers:
        assert headers["Cache-Control"] == "no-store" or status == 404
        for wanted in (MARKER, NAMED, PASSED_ON, GPS, TAKEN):
            assert wanted not in str(headers)
        # The page of an address has it for the switch of languages, and is nobody else's.
        for wanted in (NAMED, GPS, TAKEN):
            assert wanted.encode() not in body


def test_the_copy_that_a_page_holds_tells_nothing_but_the_picture(visit: Visit) -> None:
    pages = [body.decode() for _, kind, body in visit.answers if "html" in kind["Content-Type"]]
    # What a request says to be such a copy comes back as it was; browsers get none that tells more.
    del pages[_HELD]
    copies = re.findall(r'(?:data:image/\w+;base64,|name="held" value=")([\w+/=]+)', "".join(pages))
    assert len(copies) >= 6
    for copy in copies:
        silent(base64.b64decode(copy))


def silent(content: bytes) -> None:
    """Fail if a picture tells more than its pixels."""
    for wanted in (MARKER, GPS, TAKEN):
        assert wanted.encode() not in content
    with Image.open(io.BytesIO(content)) as image:
        assert not image.getexif()
        assert not {"exif", "xmp", "photoshop", "comment", "icc_profile"} & image.info.keys()


def test_where_a_picture_of_the_gallery_was_taken_never_leaves(
    shipped: Path, content: bytes, tmp_path: Path
) -> None:
    folder = drawing.fill(tmp_path / "pictures", each=1)
    (folder / "taken.jpg").write_bytes(content)
    adopt_model(tmp_path / "bundle", shipped)
    index_folder(folder, tmp_path / "bundle", jobs=1)
    client: Any = create_app({"TESTING": True, "BUNDLE": str(tmp_path / "bundle")}).test_client()
    rows = client.get("/api/v1/images").get_json()["images"]
    (one,) = (each["id"] for each in rows if each["title"] == MARKER)
    other = next(each["id"] for each in rows if each["id"] != one)
    tiles = re.findall(r'"(/map/[^"]*\.(?:webp|json))"', client.get("/map").text)
    pages = (
        "/",
        "/browse",
        "/map?view=list",
        "/duplicates",
        "/about",
        "/api/v1/images",
        "/api/v1/map",
    )
    parts = (
        "", "/similar", "/similar?region=0,0,90,90", "/small.webp", "/large.webp", "/redrawn.webp",
    )  # fmt: skip
    addresses = [*pages, *tiles, *(f"/images/{one}{part}" for part in parts)]
    addresses += [
        f"/compare/{one}/{other}",
        f"/api/v1/images/{one}",
        f"/api/v1/images/{one}/similar",
    ]
    assert len(tiles) >= 1
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        for wanted in (GPS, TAKEN, "GPS", "48.2", "48,12"):
            assert wanted.encode() not in answer.data
        if answer.mimetype == "image/webp":
            with Image.open(io.BytesIO(answer.data)) as image:
                assert not image.getexif()
                assert not {"exif", "xmp"} & image.info.keys()
        for copy in re.findall(
            r"data:image/\w+;base64,([\w+/=]+)",
            answer.text if answer.is_json or answer.mimetype == "text/html" else "",
        ):
            silent(base64.b64decode(copy))
