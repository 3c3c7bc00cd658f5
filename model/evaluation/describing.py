"""Shows the pictures of a folder to every method, once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from model.baselines import Vector
from model.copies import difference_hashes, near
from model.evaluation.methods import Method, Pixels
from model.folders import pictures_in, written
from model.image_errors import ImageError
from model.images import load
from model.progress import Progress
from model.variants import Seen

_LOUDEST: Final = 255.0


@dataclass
class Described:
    """One row per picture that could be read: its path below the folder, its vector by each method.

    seen: by the method that has variants. psnr: of its redrawing in dB, by each method that has a
    decoder. copies: the near copies of a method's training pictures, by each method that knows
    these. failed: path and sentence.
    """

    names: list[str] = field(default_factory=list)
    vectors: dict[str, list[Vector]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    psnr: dict[str, list[float]] = field(default_factory=dict)
    copies: dict[str, list[str]] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)


def describe(folder: Path, methods: Sequence[Method]) -> Described:
    """Load every picture of a folder by the one loader and describe it by each method.

    Raises FolderError without a folder or a picture in it.
    """
    files = pictures_in(folder)
    described, progress = Described(), Progress("described", len(files))
    for path in files:
        name = written(path.relative_to(folder).as_posix())
        try:
            pixels = load(path).pixels
        except (ImageError, OSError) as error:
            described.failed.append((name, str(error)))
            progress.note(f"{name}: {error}")
        else:
            _show(described, name, pixels, methods)
        progress.step()
    progress.finish()
    return described


def psnr(pixels: Pixels, drawn: Pixels) -> float:
    """Return the peak signal-to-noise ratio in dB of a picture redrawn, both uint8."""
    error = np.mean((pixels.astype(np.float32) - drawn) ** 2)
    return float(10 * np.log10(_LOUDEST**2 / max(float(error), 1e-9)))


def _show(described: Described, name: str, pixels: Pixels, methods: Sequence[Method]) -> None:
    described.names.append(name)
    hashed = difference_hashes(pixels[np.newaxis])
    for method in methods:
        described.vectors.setdefault(method.name, []).append(method.describe(pixels))
        if method.see is not None:
            described.seen.append(method.see(pixels))
        if method.redraw is not None:
            drawn = method.redraw(pixels)
            described.psnr.setdefault(method.name, []).append(psnr(pixels, drawn))
        if method.learned is not None:
            copies = described.copies.setdefault(method.name, [])
            copies += [name] * bool(near(hashed, method.learned).any())
