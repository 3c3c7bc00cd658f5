"""What `index` takes of the memory, while it goes through an archive as archives are.

    python -m benchmarks.archive [--folders 20000] [--bundle B] [--publish]

It makes a tree of so many folders with two small JPEGs each; every fiftieth folder has a file whose
tail is missing, every tenth a second copy of a picture, every two-hundredth a file that is no
picture, and six scans of a gigapixel each lie among them. Then it indexes the tree, watches the
proportional set size of all processes of the command, and prints the result; --publish draws the
curve into docs/figures.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Final

from benchmarks.curve import Curve, draw
from benchmarks.drawings import commented, jpeg
from benchmarks.processes import family, proportional
from benchmarks.worker import ROOT
from model.publishing import adopt_model

_SIZE: Final = (320, 240)
_KINDS: Final = 64  # different pictures; comments make each file another one
_SCANS: Final = 6
_SIDE: Final = 32_768  # of a scan, in pixels: 1,074 megapixels
_STRIP: Final = 256
_EVERY: Final = 0.5  # seconds between two looks


def main(arguments: list[str] | None = None) -> int:
    """Make, index, watch and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    parser.add_argument("--folders", type=int, default=20_000)
    parser.add_argument("--bundle", type=Path, default=Path("model/bundle"))
    parser.add_argument("--publish", action="store_true", help="draw the curve into docs/figures")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder, bundle = Path(scratch) / "archive", Path(scratch) / "bundle"
        files = make(folder, options.folders)
        adopt_model(bundle, options.bundle)
        points, last = _watched(folder, bundle)
    told = _told(options.folders, files, points)
    print(f"{last}\n{told}")
    if options.publish:
        curve = Curve("Memory while an archive is indexed", "MB of all processes", points, told)
        (ROOT / "docs" / "figures" / "archive.svg").write_text(draw(curve), encoding="utf-8")
    return 0


def make(folder: Path, folders: int) -> int:
    """Write the tree; return how many files it has."""
    kinds = [jpeg(_SIZE, seed) for seed in range(_KINDS)]
    for number in range(folders):
        place = folder / f"{number // 1000:02}" / f"{number:05}"
        place.mkdir(parents=True)
        for name, content in _files(number, kinds).items():
            (place / name).write_bytes(content)
    for number in range(_SCANS):
        place = folder / f"{number * folders // _SCANS // 1000:02}"
        _scan(place / f"scan-{number}.tif", number)
    return sum(path.is_file() for path in folder.rglob("*"))


def _files(number: int, kinds: list[bytes]) -> dict[str, bytes]:
    found = {f"{side}.jpg": commented(kinds[(2 * number + at) % _KINDS], f"{number} {side}")
             for at, side in enumerate(("front", "back"))}  # fmt: skip
    if number % 50 == 0:
        found["torn.jpg"] = found["front.jpg"][: len(found["front.jpg"]) // 2]
    if number % 10 == 0:
        found["again.jpg"] = found["back.jpg"]
    if number % 200 == 0:
        found["notes.jpg"] = b"These are notes, and no picture."
    return found


def _scan(path: Path, number: int) -> None:
    """Write a grey TIFF 6.0 of Deflate strips, a drawing of lines, each strip another one."""
    count = _SIDE // _STRIP
    head = 8 + 2 + 12 * 9 + 4
    begin = head + 8 * count
    strips = [zlib.compress(_lines(number, strip), 1) for strip in range(count)]
    offsets = [begin + sum(map(len, strips[:strip])) for strip in range(count)]
    sides = [(256, 4, 1, _SIDE), (257, 4, 1, _SIDE)]
    kind = [(258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    where = [(273, 4, count, head), (277, 3, 1, 1), (278, 4, 1, _STRIP)]
    entries = [*sides, *kind, *where, (279, 4, count, head + 4 * count)]
    with path.open("wb") as file:
        file.write(b"II*\0" + (8).to_bytes(4, "little") + len(entries).to_bytes(2, "little"))
        for tag, form, length, value in entries:
            file.write(tag.to_bytes(2, "little") + form.to_bytes(2, "little"))
            file.write(length.to_bytes(4, "little") + value.to_bytes(4, "little"))
        file.write(bytes(4))
        for value in [*offsets, *map(len, strips)]:
            file.write(value.to_bytes(4, "little"))
        file.writelines(strips)


def _lines(number: int, strip: int) -> bytes:
    """Return one strip: paper, and vertical lines that wander from strip to strip."""
    row = bytearray(b"\xf0") * _SIDE
    for place in range(0, _SIDE, 512):
        start = (place + 37 * strip * (number + 1)) % (_SIDE - 64)
        row[start : start + 24] = bytes(24)
    return bytes(row) * _STRIP


def _watched(folder: Path, bundle: Path) -> tuple[list[tuple[float, float]], str]:
    """Index a folder; return seconds and megabytes, and the command's last line."""
    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    with tempfile.TemporaryFile("w+") as said:
        begun, points = time.monotonic(), []
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        while process.poll() is None:
            points.append((time.monotonic() - begun, sum(map(proportional, family(process.pid)))))
            time.sleep(_EVERY)
        said.seek(0)
        lines = said.read().splitlines()
    return points, lines[-1] if lines else ""


def _told(folders: int, files: int, points: list[tuple[float, float]]) -> str:
    """Compare the second quarter of the time with the last one."""
    quarter = len(points) // 4
    early, late = points[quarter : 2 * quarter], points[-quarter:]
    most = max(megabytes for _, megabytes in points)
    means = [sum(megabytes for _, megabytes in part) / max(1, len(part)) for part in (early, late)]
    return (
        f"{files:,} files in {folders:,} folders, {_SCANS} scans of {_SIDE * _SIDE / 1e6:,.0f} "
        f"megapixels among them, in {points[-1][0]:.0f} s. At most {most:.0f} MB; on average "
        f"{means[0]:.0f} MB in the second quarter of the time, {means[1]:.0f} MB in the last."
    )


if __name__ == "__main__":
    sys.exit(main())
