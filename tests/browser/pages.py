"""The one table of the pages: every check, and the screenshots, go through all of it."""

import io
import json
import re
import urllib.error
import urllib.request
from functools import cache
from typing import Final, NamedTuple

from PIL import Image, ImageOps
from playwright.sync_api import FilePayload, Page

from tests.conftest import ROOT

# With it there are pages that change the gallery. Nobody sends it: it is the one that ships.
TOKEN: Final = "a-token-that-nobody-sends"
_GALLERY: Final = ROOT / "gallery"


class Shown(NamedTuple):
    """A page of the gallery that ships.

    path: {id} stands for some picture's id, {q} for what an address holds of a photo. sent: what
    is sent there as a photo, if anything.
    """

    name: str
    path: str
    sent: str = ""


PAGES: Final = (
    Shown("home", "/"),
    Shown("results", "/", sent="photo"),
    Shown("shared", "/search?q={q}"),
    Shown("picture", "/images/{id}"),
    Shown("similar", "/images/{id}/similar"),
    Shown("part", "/images/{id}/similar?region=96,64,608,416&mirror=1"),
    Shown("browse", "/browse"),
    Shown("filtered", "/browse?where=light:night&where=season:summer&per_group=1"),
    Shown("map", "/map"),
    Shown("part of the map", "/map?x=0.3&y=0.4&z=2&view=list"),
    Shown("compare", "/compare/{id}/{id}"),
    Shown("duplicates", "/duplicates"),
    Shown("about", "/about"),
    Shown("api", "/api"),
    Shown("upload", "/upload"),
    Shown("edit", "/images/{id}/edit"),
    Shown("missing", "/images/000000000000"),
    Shown("refused", "/", sent="nonsense"),
)


def visit(page: Page, shown: Shown, site: str) -> None:
    """Go to a page, as a visitor does."""
    page.goto(site + _path(shown, site))
    if shown.sent:
        photo = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=_content(shown.sent))
        with page.expect_navigation():
            page.locator("#image").set_input_files(photo)
    page.wait_for_load_state("networkidle")


def source(shown: Shown, site: str) -> str:
    """Return a page as the server sends it, good or an error page."""
    request = urllib.request.Request(site + _path(shown, site))
    if shown.sent:
        head = b'--part\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
        request.data = head + _content(shown.sent) + b"\r\n--part--\r\n"
        request.add_header("Content-Type", "multipart/form-data; boundary=part")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()


def _path(shown: Shown, site: str) -> str:
    stands = {"{id}": _identifier, "{q}": _token}
    path = shown.path
    for name in (name for name in stands if name in path):
        path = path.replace(name, stands[name](site))
    return path


@cache
def _token(site: str) -> str:
    """Return what the address of a search with the photo holds."""
    kind = {"Content-Type": "application/octet-stream"}
    request = urllib.request.Request(f"{site}/api/v1/search", _content("photo"), kind)
    with urllib.request.urlopen(request, timeout=60) as answer:
        address: str = json.load(answer)["page"]
    return address.partition("?q=")[2]


@cache
def _identifier(site: str) -> str:
    """Return the id of a picture in the middle of the gallery."""
    with urllib.request.urlopen(f"{site}/nearest/640", timeout=60) as answer:
        found = re.search(r"/images/(\w+)$", answer.url)
    assert found
    return found[1]


@cache
def _content(sent: str) -> bytes:
    """Return the file: no picture, or one that is not in the gallery but resembles one that is."""
    if sent == "nonsense":
        return b"not a picture at all"
    picture = ImageOps.mirror(Image.open(_GALLERY / "bridge-0013-0.webp"))
    width, height = picture.size
    content = io.BytesIO()
    picture.crop((width // 12, height // 12, width, height)).save(content, "JPEG", quality=90)
    return content.getvalue()
