"""The map as pictures: tiles at every zoom, and the parts that pages without scripts show.

A tile is as large whatever it shows; each level shows a quarter of the places of the level above,
down to 8 by 8. From afar swatches are laid side by side, nearer by minis are. The costliest tile
shows 1,024 minis; what was drawn is kept, up to a limit.
"""

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.mapping.atlas import Atlas
from model.mapping.minis import SWATCH
from model.mapping.plane import located

TILE: Final = (512, 384)
# What a page without scripts shows of one part fits this box, pixels.
PART: Final = (1024, 768)
# So many places is the deepest tile wide: each is as large as a mini with its air.
DEEPEST: Final = 8
# Tiles with so many places or more are drawn from swatches; with more than four times as many,
# each swatch is less than a few pixels, and only its mean is drawn.
_SWATCHES: Final = 64
_MEANS: Final = 256
_KEPT_BYTES: Final = 32_000_000


class Box(NamedTuple):
    """A rectangle of places: from a column and line on, so many of each."""

    column: int
    line: int
    columns: int
    lines: int


class Tiles:
    """Draws the tiles of one map, and keeps those that were asked for last."""

    def __init__(self, atlas: Atlas, version: str) -> None:
        """version: names the map in addresses; another map has another."""
        self.atlas = atlas
        self.version = version
        self.base = max(atlas.side, DEEPEST)
        self.depth = (self.base // DEEPEST).bit_length() - 1
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def has(self, z: int, x: int, y: int) -> bool:
        """Whether there is such a tile: level 0 is one tile, `depth` the deepest."""
        if z > self.depth:
            return False
        span = self.base >> z
        return x * span < self.atlas.info.columns and y * span < self.atlas.info.lines

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return one tile, a WebP of `TILE` pixels; where no picture is, it is transparent."""
        return self._keep(("tile", z, x, y), lambda: _webp(self._drawn(z, x, y)))

    def part(self, box: Box) -> bytes:
        """Return a rectangle of the map, a WebP that fits `PART`."""
        return self._keep(("part", *box), lambda: _webp(self._cut(box)))

    def _keep(self, key: tuple[object, ...], draw: Callable[[], bytes]) -> bytes:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        content = draw()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = content
                self._bytes += len(content)
            while self._bytes > _KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return content

    def _drawn(self, z: int, x: int, y: int) -> Image.Image:
        span = self.base >> z
        part = self.atlas.square(x * span, y * span, span)
        at = located(part["place"]) - (x * span, y * span)
        if span >= _SWATCHES:
            return _from_swatches(part["swatch"], at, span)
        return _from_minis(self.atlas, part, at, span)

    def _cut(self, box: Box) -> Image.Image:
        """Draw the tiles that a rectangle touches, at the first level that has enough pixels."""
        z = 0
        while z < self.depth and TILE[0] * box.columns / (self.base >> z) < PART[0] / 2:
            z += 1
        span = self.base >> z
        left, top = box.column // span, box.line // span
        right, bottom = (box.column + box.columns - 1) // span, (box.line + box.lines - 1) // span
        size = ((right - left + 1) * TILE[0], (bottom - top + 1) * TILE[1])
        sheet = Image.new("RGBA", size)
        for x in range(left, right + 1):
            for y in range(top, bottom + 1):
                sheet.paste(self._drawn(z, x, y), ((x - left) * TILE[0], (y - top) * TILE[1]))
        wide, high = TILE[0] / span, TILE[1] / span
        first = ((box.column - left * span) * wide, (box.line - top * span) * high)
        last = (first[0] + box.columns * wide, first[1] + box.lines * high)
        return sheet.crop((round(first[0]), round(first[1]), round(last[0]), round(last[1])))


def _from_swatches(swatches: NDArray[np.uint8], at: NDArray[np.int64], span: int) -> Image.Image:
    width, height = SWATCH if span < _MEANS else (1, 1)
    if span >= _MEANS:
        swatches = swatches.mean(axis=(1, 2), keepdims=True).round().astype(np.uint8)
    sheet = np.zeros((span, height, span, width, 4), np.uint8)
    sheet[at[:, 1], :, at[:, 0], :, :3] = swatches
    sheet[at[:, 1], :, at[:, 0], :, 3] = 255
    image = Image.fromarray(sheet.reshape(span * height, span * width, 4), "RGBA")
    return image if image.size == TILE else image.resize(TILE, Image.Resampling.BOX)


def _from_minis(
    atlas: Atlas, part: NDArray[np.void], at: NDArray[np.int64], span: int
) -> Image.Image:
    sheet = Image.new("RGBA", TILE)
    wide, high = TILE[0] // span, TILE[1] // span
    for content, (column, line) in zip(atlas.pictures(part), at.tolist(), strict=True):
        with Image.open(io.BytesIO(content), formats=("WEBP",)) as mini:
            shown = mini.convert("RGB")
        if span > DEEPEST:
            width, height = (max(1, round(side * DEEPEST / span)) for side in shown.size)
            shown = shown.resize((width, height), Image.Resampling.BOX)
        left = column * wide + (wide - shown.width) // 2
        sheet.paste(shown, (left, line * high + (high - shown.height) // 2))
    return sheet


def _webp(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=65, alpha_quality=60, method=1)
    return file.getvalue()
