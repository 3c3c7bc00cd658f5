"""Renders the pictures of one bridge: compose, Blender, develop, judge, roll again."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rendering.develop import develop_file, fault, save
from rendering.records import record
from rendering.scene import (
    Picture,
    Scene,
    build_scene,
    compose,
    compose_all,
    describe_picture,
    save_job,
    write_scene,
)
from rendering.storage import read_records

BLENDER_SCRIPT = Path(__file__).parent / "blender" / "render.py"
ATTEMPTS = 3
TIME_LIMIT = 3600  # seconds for one run of Blender
NO_BLENDER = "Blender is missing: install it with `sudo apt-get install blender`."


class RenderError(Exception):
    """A picture could not be made; `records` are those of the pictures that could."""

    def __init__(self, message: str, records: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message, records)
        self.message = message
        self.records = records or []

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Options:
    """What the command line decides for all bridges."""

    out: Path
    views: int
    longest: int  # pixels of the longer side
    samples: int


def picture_name(seed: int, number: int) -> str:
    """Return a picture's file name."""
    return f"bridge-{seed:04d}-{number}.webp"


def missing(seed: int, options: Options) -> list[int]:
    """Return which pictures of a bridge are not there yet, or have no record."""
    known = {record["path"] for record in read_records(options.out)}
    return [n for n in range(options.views) if picture_name(seed, n) not in known]


def render_bridge(seed: int, options: Options) -> list[dict[str, Any]]:
    """Render what is missing of one bridge; return the records of the new pictures."""
    numbers = missing(seed, options)
    if not numbers:
        return []
    scene = build_scene(seed)
    records: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bridge-") as name:
        folder = Path(name)
        written = write_scene(scene, folder)
        composed = compose_all(scene, options.views)
        for attempt in range(ATTEMPTS):
            pictures = [
                again(scene, composed, n, attempt) if attempt else composed[n] for n in numbers
            ]
            good = render_pictures(scene, written, pictures, folder, options)
            records += [record(scene.plan, p, picture_name(seed, p.number)) for p in good]
            numbers = [n for n in numbers if n not in {p.number for p in good}]
            if not numbers:
                return records
    raise RenderError(f"no good picture {numbers} in {ATTEMPTS} attempts", records)


def again(scene: Scene, composed: list[Picture], number: int, attempt: int) -> Picture:
    """Compose another picture in place of one that failed."""
    others = [picture.view for picture in composed if picture.number != number]
    return compose(scene, number, attempt, len(composed), others)


def render_pictures(
    scene: Scene, written: dict[str, Any], pictures: list[Picture], folder: Path, options: Options
) -> list[Picture]:
    """Render and develop pictures; return those without a fault."""
    raw = {p.number: folder / f"{p.number}.exr" for p in pictures}
    described = [
        describe_picture(scene, p, raw[p.number], options.longest, options.samples)
        for p in pictures
    ]
    save_job(folder / "job.json", written, described)
    run_blender(folder / "job.json")
    good = []
    for picture in pictures:
        target = options.out / picture_name(scene.plan.seed, picture.number)
        seed = scene.plan.seed * 100 + picture.number
        developed = develop_file(raw[picture.number], picture.light.key, seed)
        if fault(developed) is None:
            save(developed, target)
            good.append(picture)
    return good


def run_blender(job: Path) -> None:
    """Run Blender without a window on one job file."""
    blender = shutil.which("blender")
    if blender is None:
        raise RenderError(NO_BLENDER)
    command = [blender, "--background", "--factory-startup", "--python-exit-code", "1", "-t", "1"]
    command += ["--python", str(BLENDER_SCRIPT), "--", str(job)]
    # No shell is involved, and `which` has found the program.
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
    )
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise RenderError("Blender failed: " + " | ".join(lines[-4:]))
