"""Scans of a thousand megapixels in a folder are indexed; what would need all memory is told of."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model.bundle import open_bundle
from model.gallery import Record
from model.images import load
from model.publishing import adopt_model
from model.scans import scan
from tests import drawing

_ROWS = 64  # in each strip
_MOST_MEGABYTES = 450  # of a whole run, in which Python, NumPy and the encoder are 200


def strips(
    path: Path, width: int, height: int, orientation: int = 1, *, packed: bool = True
) -> Path:
    """Write a grey TIFF, darker on its left half, of strips that are all the same bytes.

    Not packed, the strips lie on a hole at the end of the file, and all of it is black.
    """
    row = bytes(width // 2) + b"\xff" * (width - width // 2)
    strip = zlib.compress(row * _ROWS, 1)
    size = len(strip) if packed else width * _ROWS
    count = height // _ROWS
    offsets, sizes = 10 + 12 * 10 + 4, 10 + 12 * 10 + 4 + 4 * count
    begin = sizes + 4 * count
    step = 0 if packed else size
    # TIFF 6.0: size, bits, compression (8 is Deflate, Adobe's technical note), black is 0, ...
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 8 if packed else 1),
        (262, 3, 1, 1),
        (273, 4, count, offsets),
        (274, 3, 1, orientation),
        (277, 3, 1, 1),
        (278, 4, 1, _ROWS),
        (279, 4, count, sizes),
    ]
    with path.open("wb") as file:
        file.write(struct.pack("<2sHIH", b"II", 42, 8, len(entries)))
        for entry in entries:
            file.write(struct.pack("<HHII", *entry))
        file.write(bytes(4))
        file.write(struct.pack(f"<{count}I", *(begin + step * each for each in range(count))))
        file.write(struct.pack(f"<{count}I", *[size] * count))
        if packed:
            file.write(strip)
        else:
            file.truncate(begin + size * count)
    return path


@pytest.fixture
def empty(tmp_path: Path, shipped: Path) -> Path:
    adopt_model(tmp_path / "bundle", shipped)
    return tmp_path / "bundle"


def index(folder: Path, bundle: Path) -> tuple[int, str, float]:
    """Return the exit status, what was said, and the most memory in megabytes."""
    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    measured = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]);"
        "print('peak', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr);"
        "sys.exit(done.returncode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", measured, *command, "--jobs", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    said, peak = done.stderr.rsplit("peak", 1)
    return done.returncode, done.stdout + said, int(peak) * 1024 / 1e6


def records(bundle: Path) -> dict[str, Record]:
    return {record.path: record for record in open_bundle(bundle).gallery.page(0, 100)}


def test_a_gigapixel_is_indexed_within_little_memory(tmp_path: Path, empty: Path) -> None:
    folder = drawing.fill(tmp_path / "photos", each=1)
    scan = strips(folder / "scan.tif", 32768, 32768)
    status, said, megabytes = index(folder, empty)
    assert status == 0, said
    assert megabytes < _MOST_MEGABYTES
    record = records(empty)["scan.tif"]
    assert (record.width, record.height, record.format) == (32768, 32768, "TIFF")
    assert record.bytes == scan.stat().st_size
    gallery = open_bundle(empty).gallery
    shown = np.asarray(load(gallery.thumbnail(record, "large")).reduced.convert("L"))
    assert shown[:, : shown.shape[1] // 2 - 8].max() < 8
    assert shown[:, shown.shape[1] // 2 + 8 :].min() > 247


def test_a_file_of_half_a_gigabyte_is_not_read_into_memory(tmp_path: Path, empty: Path) -> None:
    (folder := tmp_path / "photos").mkdir()
    strips(folder / "raw.tif", 16384, 32768, packed=False)
    status, said, megabytes = index(folder, empty)
    assert status == 0, said
    assert megabytes < _MOST_MEGABYTES
    assert records(empty)["raw.tif"].bytes > _MOST_MEGABYTES * 1e6


def test_a_scan_looks_as_if_it_were_small(tmp_path: Path, empty: Path) -> None:
    """Turned by EXIF; its embedding is that of the same picture, made small before."""
    (folder := tmp_path / "photos").mkdir()
    with strips(folder / "scan.tif", 16384, 8192, 6).open("rb", buffering=0) as file:
        assert scan(file).turned
    small = np.zeros((512, 512), np.uint8)
    small[256:] = 255
    Image.fromarray(small).save(folder / "small.png")
    status, said, _ = index(folder, empty)
    assert status == 0, said
    found = records(empty)
    assert (found["scan.tif"].width, found["scan.tif"].height) == (8192, 16384)
    rows = open_bundle(empty).embeddings
    cosine = rows[found["scan.tif"].row] @ rows[found["small.png"].row]
    assert cosine > 0.99


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("progressive.jpg", {"progressive": True}, "progressive or interlaced"),
        ("huge.bmp", {}, "can only be read from JPEG, PNG, TIFF and WebP"),
    ],
)
def test_what_would_need_all_memory_is_told_of(
    tmp_path: Path, empty: Path, name: str, options: dict[str, Any], sentence: str
) -> None:
    folder = drawing.fill(tmp_path / "photos", each=1)
    count = len(list(folder.rglob("*.*")))
    Image.new("L", (11000, 10000)).save(folder / name, **options)
    status, said, _ = index(folder, empty)
    assert status == 3
    assert name in said
    assert sentence in said
    assert "110 megapixels" in said
    assert len(records(empty)) == count


@pytest.mark.parametrize("name", ["torn.jpg", "torn.png"])
def test_a_scan_whose_tail_is_missing_is_told_of(tmp_path: Path, empty: Path, name: str) -> None:
    folder = drawing.fill(tmp_path / "photos", each=1)
    large = Image.effect_noise((1100, 1000), 60).resize((11000, 10000), Image.Resampling.NEAREST)
    large.save(folder / name, quality=20, compress_level=1)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) * 2 // 3])
    status, said, _ = index(folder, empty)
    assert status == 3
    assert name in said
    assert "damaged or incomplete" in said
    assert name not in records(empty)
