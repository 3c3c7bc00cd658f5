"""Takes pictures of the pages of the gallery that ships: `make screenshots`.

Every page of tests/browser/pages.py, on a phone and on a desktop, light and dark, in
build/screenshots; with --publish the few that README.md shows, in docs/figures.
"""

import argparse
import io
import sys
from itertools import product
from pathlib import Path
from typing import Final, Literal, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.conftest import launch
from tests.browser.pages import PAGES, TOKEN, visit
from tests.conftest import ROOT, serving

Theme = Literal["light", "dark"]


class Shot(NamedTuple):
    """One picture of one page of the table."""

    name: str
    page: str
    width: int
    height: int
    theme: Theme
    scale: float = 1


SIZES: Final = (("phone", 390, 844), ("desktop", 1440, 900))
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
EVERY: Final = tuple(
    Shot(f"{page.name}-{size}-{theme}", page.name, width, height, theme)
    for page, (size, width, height), theme in product(PAGES, SIZES, THEMES)
)
PUBLISHED: Final = (
    Shot("results-wide", "results", 1280, 860, "light"),
    Shot("results-phone", "results", 390, 844, "dark", 1.5),
    Shot("home-wide", "home", 1280, 860, "light"),
    Shot("browse-wide", "filtered", 1280, 860, "dark"),
)


def main(arguments: list[str] | None = None) -> None:
    """Serve the gallery that ships and photograph its pages."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots")
    parser.add_argument("--publish", action="store_true", help="those that README.md shows")
    parser.add_argument("--only", metavar="PAGE", help="of this page only")
    chosen = parser.parse_args(arguments)
    shots = PUBLISHED if chosen.publish else EVERY
    out = ROOT / ("docs/figures" if chosen.publish else "build/screenshots")
    out.mkdir(parents=True, exist_ok=True)
    settings = {} if chosen.publish else {"TOKEN": TOKEN}
    with serving(ROOT / "model" / "bundle", **settings) as site, sync_playwright() as playwright:
        browser = launch(playwright)
        for shot in shots:
            if chosen.only in (None, shot.page):
                _keep(_shoot(browser, site, shot), out / shot.name, small=chosen.publish)
        browser.close()
    print(f"The pictures are in {out}.", file=sys.stderr)


def _shoot(browser: Browser, site: str, shot: Shot) -> bytes:
    page = browser.new_page(
        viewport=ViewportSize(width=shot.width, height=shot.height),
        color_scheme=shot.theme,
        device_scale_factor=shot.scale,
    )
    visit(page, next(each for each in PAGES if each.name == shot.page), site)
    picture = page.screenshot()
    page.close()
    return picture


def _keep(picture: bytes, path: Path, *, small: bool) -> None:
    if small:
        image = Image.open(io.BytesIO(picture)).convert("RGB")
        image.save(path.with_suffix(".webp"), quality=82, method=6)
    else:
        path.with_suffix(".png").write_bytes(picture)


if __name__ == "__main__":
    main()
