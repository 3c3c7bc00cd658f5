"""Pictures to measure with: generated, the same on every run, as hard to decode as photographs."""

import io
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

# Name, width and height: what a thumbnail, an older phone and a camera send.
SIZES: Final = {"256 px": (256, 256), "2 MP": (1632, 1224), "12 MP": (4000, 3000)}
# What visitors of the throughput benchmark send.
USUAL: Final = (640, 480)


@cache
def jpeg(size: tuple[int, int], seed: int = 0) -> bytes:
    """Return a JPEG of `size`, width and height: clouds of noise at every scale, like a landscape.

    Flat colour would decode too fast, white noise too slowly; this takes 2 to 3 bits a pixel.
    """
    random = np.random.default_rng(seed)
    canvas = np.full((size[1], size[0], 3), 110, np.float32)
    cells, strength = 4, 70.0
    while cells < max(size):
        canvas += strength * _clouds(random, cells, size)
        cells, strength = cells * 2, strength * 0.62
    file = io.BytesIO()
    Image.fromarray(canvas.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def fill(folder: Path, count: int, size: tuple[int, int]) -> list[Path]:
    """Write `count` different JPEGs into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        # The comment makes each a file of its own; generating thousands would take minutes.
        path.write_bytes(commented(jpeg(size, number % 16), f"{number}"))
    return paths


def _clouds(
    random: np.random.Generator, cells: int, size: tuple[int, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return smooth noise, float32 (H, W, 3) in about [-1, 1], of `cells` cells a side."""
    noise = random.uniform(0, 255, (cells, cells, 3)).astype(np.uint8)
    smooth = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(smooth, np.float32) / 127.5 - 1


def commented(content: bytes, text: str) -> bytes:
    """Put a JPEG comment (marker FFFE) behind the start of the picture."""
    body = text.encode()
    return content[:2] + b"\xff\xfe" + (len(body) + 2).to_bytes(2) + body + content[2:]
