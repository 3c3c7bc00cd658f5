"""Takes the pictures of the pages that README.md shows: python -m tests.browser.screenshots URL.

The server at URL must serve the bundled gallery (`make run`).
"""

import io
import sys
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image, ImageOps
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import launch
from tests.conftest import ROOT

_QUERY = ROOT / "gallery" / "bridge-0013-0.webp"


class Shot(NamedTuple):
    """One picture of one page; without a path it is that of the results."""

    name: str
    path: str
    size: tuple[int, int]
    scheme: Literal["light", "dark"]
    scale: float = 1


SHOTS = (
    Shot("results-wide", "", (1280, 860), "light"),
    Shot("results-phone", "", (390, 844), "dark", 1.5),
    Shot("home-wide", "/", (1280, 860), "light"),
    Shot("browse-wide", "/browse?tag=night", (1280, 860), "dark"),
)


def main(address: str) -> None:
    """Photograph the pages; the search is made with a mirrored part of a gallery picture."""
    out = ROOT / "docs" / "figures"
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        photo = _photo(Path(folder))
        browser = launch(playwright)
        for shot in SHOTS:
            picture = Image.open(io.BytesIO(_shoot(browser, address, shot, photo)))
            picture.convert("RGB").save(out / f"{shot.name}.webp", quality=82, method=6)
        browser.close()


def _shoot(browser: Browser, address: str, shot: Shot, photo: Path) -> bytes:
    width, height = shot.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=shot.scheme,
        device_scale_factor=shot.scale,
    )
    page.goto(address + shot.path)
    if not shot.path:
        with page.expect_navigation():
            page.get_by_label("Choose a photo").set_input_files(photo)
    page.wait_for_load_state("networkidle")
    return page.screenshot()


def _photo(folder: Path) -> Path:
    """Return a picture that is not in the gallery, but resembles one that is."""
    picture = ImageOps.mirror(Image.open(_QUERY))
    width, height = picture.size
    picture = picture.crop((width // 12, height // 12, width, height))
    picture.save(folder / "photo.jpg", quality=90)
    return folder / "photo.jpg"


if __name__ == "__main__":
    main(sys.argv[1])
