"""How smoothly the map moves: `python -m benchmarks.map [--pictures 100000] [--bundle B]`.

It makes a gallery of so many pictures (those of the bundle again and again, hung by chance: the
worst case for tiles), serves it, and drags and zooms its map in Chromium. It prints the intervals
between frames, how long the page's own code took for each, and what the first view weighed. It
needs requirements-dev.txt and Chromium.
"""

import argparse
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.servers import ours, running
from benchmarks.synthetic import Spectrum
from model.bundle import Bundle, open_bundle
from model.gallery import Record
from model.gallery_writing import GalleryWriter
from model.mapping.atlas import MiniWriter, save
from model.mapping.making import described
from model.mapping.minis import mini_from
from model.mapping.plane import block
from model.publishing import adopt_model, publish_index

_BASE: Final = 320  # pictures that are really different
_WINDOW: Final = {"width": 1440, "height": 900}
_DRAGS: Final = 6
_TURNS: Final = 40  # of the wheel, in and out again
_INSERT: Final = "INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_RECORD: Final = """() => {
  window.frames_seen = [];
  const view = document.querySelector('#map').view;
  view.costs.length = 0;
  let last = performance.now();
  const step = (now) => {
    window.frames_seen.push(now - last);
    last = now;
    window.recording = requestAnimationFrame(step);
  };
  window.recording = requestAnimationFrame(step);
}"""
_STOP: Final = """() => {
  cancelAnimationFrame(window.recording);
  const view = document.querySelector('#map').view;
  return [window.frames_seen.slice(2), [...view.costs]];
}"""


class Frames(NamedTuple):
    """Milliseconds: between frames, and of the page's own code in each."""

    intervals: list[float]
    costs: list[float]

    def told(self, name: str) -> str:
        """Return a line with the median and the 95th percentile of both."""
        between, own = (np.percentile(part, (50, 95)) for part in self)
        return (
            f"{name}: {len(self.intervals)} frames, "
            f"every {between[0]:.1f} ms (p95 {between[1]:.1f}); "
            f"drawing {own[0]:.1f} ms (p95 {own[1]:.1f})"
        )


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print a line for each thing measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--bundle", type=Path, default=Path("model/bundle"))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        bundle = Path(scratch) / "bundle"
        make(options.bundle, bundle, options.pictures)
        with running(ours(bundle)) as server:
            measure(f"http://127.0.0.1:{server.port}")
    return 0


def make(source: Path, target: Path, count: int) -> None:
    """Make a bundle of `count` pictures from the first of another."""
    adopt_model(target, source)
    found = open_bundle(source)
    files = {role: target / f".{role}" for role in _ROLES}
    table = _write_pictures(found, files, count)
    cells = block(count)[np.random.default_rng(0).permutation(count)]
    save(table, cells, files["map"])
    embeddings = Spectrum.of(source).draw(count, seed=0)
    with files["embeddings"].open("wb") as file:
        np.save(file, embeddings)
    gallery = found.manifest.gallery
    assert gallery is not None
    info = described("by chance", cells)
    drawn = msgspec.structs.replace(gallery, count=count, root=".", map=info)
    publish_index(target, files, drawn)
    for path in files.values():
        path.unlink()


_ROLES: Final = ("embeddings", "records", "thumbnails", "map", "minis")


def _write_pictures(found: Bundle, files: dict[str, Path], count: int) -> NDArray[np.void]:
    """Write records, thumbnails and minis; what comes again points at what was written first."""
    gallery = GalleryWriter(files["records"], files["thumbnails"])
    minis = MiniWriter(files["minis"], _BASE)
    records = found.gallery.page(0, min(_BASE, count))
    for record in records:
        small = found.gallery.stored(record, "small")
        gallery.add(record, small, b"")
        minis.add(mini_from(small))
    gallery.close()
    _repeat_records(files["records"], records, count)
    first = minis.close()
    table = first[np.arange(count) % len(first)]
    table["row"] = np.arange(count)
    return table


def _repeat_records(database: Path, records: list[Record], count: int) -> None:
    with sqlite3.connect(database) as connection:
        query = "SELECT small_offset, small_bytes, large_offset, large_bytes FROM images"
        places = connection.execute(f"{query} ORDER BY row").fetchall()
        for row in range(len(records), count):
            known = row % len(records)
            named = {"row": row, "id": f"{row:012x}", "path": f"{row}.webp"}
            record = msgspec.structs.replace(records[known], **named)
            values = (*named.values(), msgspec.json.encode(record), *places[known])
            connection.execute(_INSERT, values)
    connection.close()


def measure(address: str) -> None:
    """Open the map of the server at this address, move it, and print what was seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=_WINDOW)  # type: ignore[arg-type]  # a plain dictionary
        session = page.context.new_cdp_session(page)
        weight = _weighed(session)
        page.goto(f"{address}/map", wait_until="networkidle")
        print(f"first view: {weight['requests']} requests, {weight['bytes'] / 1000:,.0f} kB")
        print(_dragged(page, 4).told("dragged from afar"))
        print(_zoomed(page).told("zoomed in and out"))
        page.goto(f"{address}/map?x=0.5&y=0.5&z=5.5", wait_until="networkidle")
        print(f"links near: {page.locator('.hung a').count()}")
        print(_dragged(page, 1).told("dragged near"))
        browser.close()


def _weighed(session: CDPSession) -> dict[str, float]:
    """Count what comes over the wire from now on."""
    weight: dict[str, float] = {"requests": 0, "bytes": 0}

    def count(event: dict[str, Any]) -> None:
        weight["requests"] += 1
        weight["bytes"] += event["encodedDataLength"]

    session.send("Network.enable")
    session.on("Network.loadingFinished", count)
    return weight


def _dragged(page: Page, nearer: float) -> Frames:
    page.evaluate(f"document.querySelector('#map').view.zoom({nearer})")
    page.wait_for_timeout(500)
    page.evaluate(_RECORD)
    for turn in range(_DRAGS):
        left, right = (300, 1100) if turn % 2 else (1100, 300)
        page.mouse.move(left, 350 + 40 * turn)
        page.mouse.down()
        page.mouse.move(right, 650 - 40 * turn, steps=40)
        page.mouse.up()
    return Frames(*page.evaluate(_STOP))


def _zoomed(page: Page) -> Frames:
    page.mouse.move(700, 500)
    page.evaluate(_RECORD)
    for direction in (-1, 1):
        for _ in range(_TURNS):
            page.mouse.wheel(0, direction * 60)
    page.wait_for_timeout(300)
    return Frames(*page.evaluate(_STOP))


if __name__ == "__main__":
    sys.exit(main())
