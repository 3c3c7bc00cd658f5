"""Whether another machine would make the same of a picture as this one does."""

import hashlib
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from model.images import READER

_MODEL: Final = Path(__file__).parent.parent
# What travels between the machines, or decides what an embedding is, beside what READER tells.
_PACKAGES: Final = ("ai-edge-litert", "distributed", "msgspec", "numpy")


@cache
def fingerprint() -> str:
    """Return what tells this program, with the packages that it decodes and encodes with.

    It is 12 hexadecimal digits. Machines whose digits are the same do the same.
    """
    parts = [READER, f"Python {sys.version_info.major}.{sys.version_info.minor}"]
    parts += [f"{package} {version(package)}" for package in _PACKAGES]
    told = hashlib.sha256("\n".join(parts).encode())
    for path in sorted(_MODEL.rglob("*.py")):
        told.update(f"\n{path.relative_to(_MODEL).as_posix()}\n".encode() + path.read_bytes())
    return told.hexdigest()[:12]
