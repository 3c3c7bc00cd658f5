"""The machine that measured: figures mean nothing without it."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

_LIBRARIES: Final = (
    "numpy",
    "pillow",
    "ai-edge-litert",
    "gunicorn",
    "flask",
    "tensorflow",
    "faiss-cpu",
    "pymilvus",
    "scikit-image",
    "torch",
)


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """cores: that this process may use. memory: bytes. load: running processes before we began."""

    cpu: str
    cores: int
    memory: int
    system: str
    python: str
    load: float
    libraries: dict[str, str]


def describe() -> Machine:
    """Describe this machine."""
    return Machine(
        cpu=_field(Path("/proc/cpuinfo"), "model name") or platform.processor() or "unknown",
        cores=cores(),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        load=os.getloadavg()[0],
        libraries={name: found for name in _LIBRARIES if (found := _version(name))},
    )


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def available_memory() -> int | None:
    """Return the bytes that can be had without swapping, or None where nobody says."""
    text = _field(Path("/proc/meminfo"), "MemAvailable")
    return int(text.split()[0]) * 1024 if text else None


def why_absent(module: str) -> str:
    """Return a note when a library is not installed, else ""."""
    if find_spec(module) is None:
        return f"{module} is not installed (requirements-bench.txt has it)"
    return ""


def _field(path: Path, name: str) -> str:
    """Return the first `name : value` of a file in /proc, or ""."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    pairs = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in pairs if key.strip() == name), "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
