"""The loader under atheris: bytes that grow out of the corpus, guided by which code they reach.

`python -m tests.fuzz.loader --seconds 600`, or `--runs 1000`, the same ones each time. Whatever is
no picture must be an ImageError. What is found lies in build/fuzz.
"""

import argparse
import hashlib
import sys
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["model", "PIL", "pillow_heif"]):
    from model import image_errors, images, seeing
    from model.view import WHOLE

from tests import corpus

OUT: Final = Path("build/fuzz")
_LONGEST: Final = 40_000  # bytes
_SECONDS: Final = 60  # for one input: a machine may be busy
_MEGABYTES: Final = 2048


def try_one(content: bytes) -> None:
    """Decode a picture as for a search and as one that stays."""
    try:
        seeing.light(content, 1_000_000, WHOLE, images.KEPT_SIDE)
        seeing.checked(content, 1_000_000)
    except image_errors.ImageError as error:
        assert str(error).endswith(".")  # noqa: PT017 - no test of pytest's


def main() -> None:
    """Fuzz until the time is over, or something is found: then the status is not 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--runs", type=int, default=-1)
    options = parser.parse_args()
    limits = [
        f"-max_total_time={options.seconds}", f"-runs={options.runs}", f"-timeout={_SECONDS}",
        f"-rss_limit_mb={_MEGABYTES}", f"-max_len={_LONGEST}", f"-artifact_prefix={OUT}/",
        "-print_final_stats=1",
    ]  # fmt: skip
    limits += ["-seed=1"] if options.runs > 0 else []
    atheris.Setup([sys.argv[0], *limits, str(_grown()), str(_seeds())], try_one)
    atheris.Fuzz()


def _grown() -> Path:
    """Return the folder for what reached new code."""
    folder = OUT / "grown"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _seeds() -> Path:
    """Write what of the corpus is short enough into a folder."""
    folder = OUT / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    for content in corpus.short().values():
        (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
    return folder


if __name__ == "__main__":
    main()
