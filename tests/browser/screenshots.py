"""Takes the pictures of the pages that README.md shows: python -m tests.browser.screenshots URL.

The server at URL must serve the bundled gallery (`make run`).
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import sync_playwright

from tests.browser.conftest import launch
from tests.conftest import ROOT

_QUERY = ROOT / "gallery" / "bridge-0006-1.webp"
_SIZES = {"wide": (1280, 860), "phone": (390, 844)}


def main(address: str) -> None:
    """Search with a mirrored part of a gallery picture, and photograph the pages."""
    out = ROOT / "docs" / "figures"
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        photo = _photo(Path(folder))
        browser = launch(playwright)
        for name, scheme in (("wide", "light"), ("phone", "dark")):
            width, height = _SIZES[name]
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                device_scale_factor=1 if name == "wide" else 1.5,
            )
            page.goto(address)
            with page.expect_navigation():
                page.get_by_label("Choose a photo").set_input_files(photo)
            page.wait_for_load_state("networkidle")
            picture = Image.open(io.BytesIO(page.screenshot()))
            picture.convert("RGB").save(out / f"results-{name}.webp", quality=82, method=6)
        browser.close()


def _photo(folder: Path) -> Path:
    """Return a picture that is not in the gallery, but resembles one that is."""
    picture = ImageOps.mirror(Image.open(_QUERY))
    width, height = picture.size
    picture = picture.crop((width // 12, height // 12, width, height))
    picture.save(folder / "photo.jpg", quality=90)
    return folder / "photo.jpg"


if __name__ == "__main__":
    main(sys.argv[1])
