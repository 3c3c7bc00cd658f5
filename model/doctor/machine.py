"""What the machine must have for a server: memory, handles, places to write, decoders."""

import io
import resource
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from PIL import Image

from model.doctor.finding import Finding, note, ok, wrong
from model.images import FORMATS, load

# Measured, docs/operating.md: all processes together without a picture.
_BASE: Final = 300_000_000
_LEAST: Final = 128 * 2**20  # for a picture: less is no setting
# What gunicorn lets one worker keep open (worker_connections), and what else it has open.
_HANDLES: Final = 1_000 + 64
_FEWEST_HANDLES: Final = 64


class Memory(NamedTuple):
    """bytes: how much there is. limited: whether a limit of a container or service says so."""

    bytes: int
    limited: bool


def memory(settings: Mapping[str, Any], root: Path = Path("/")) -> Finding:
    """Compare the memory there is with what decoding takes that the settings allow."""
    found = available(root)
    at_once = settings["workers"] * settings["encodes"]
    needed = _BASE + at_once * settings["picture_memory"]
    told = f"{found.bytes / 1e9:.1f} GB, {'a limit of its group' if found.limited else 'all'}"
    if found.bytes >= needed:
        return ok("memory", f"{told}; {needed / 1e9:.1f} GB is the most that a server takes")
    told = (
        f"{told}; {at_once} pictures at a time may take {needed / 1e9:.1f} GB, and then the system "
        "may end a worker with every request in it."
    )
    each = max(_LEAST, (found.bytes - _BASE) // at_once // 2**20 * 2**20)
    mend = f"IMAGESEARCH_PICTURE_MEMORY={each}, or a smaller IMAGESEARCH_ENCODES, or more memory"
    chosen = found.limited or found.bytes < _BASE
    return wrong("memory", told, mend) if chosen else note("memory", told, mend)


def available(root: Path) -> Memory:
    """Return the memory of this machine, or the least that a control group allows this process.

    root: where /proc and /sys are. https://docs.kernel.org/admin-guide/cgroup-v2.html
    """
    lines = (root / "proc/meminfo").read_text().splitlines()
    everything = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal:"))
    least = min(_limits(root), default=everything)
    return Memory(least, limited=True) if least < everything else Memory(everything, limited=False)


def _limits(root: Path) -> Iterator[int]:
    """Yield every limit on memory that holds for this process, in bytes."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("memory" if controllers else "")
        name = "memory.limit_in_bytes" if controllers else "memory.max"
        own = top / path.lstrip("/")
        yield from filter(None, (_limit(group / name) for group in (own, *own.parents, top)))


def _limit(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:  # in a container its own group is the top, whatever its path
        return None
    return int(text) if text.isdecimal() else None


def handles() -> Finding:
    """Say whether a worker may open as many connections as it would."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _HANDLES:
        return ok("open files", "no limit" if soft == resource.RLIM_INFINITY else f"{soft:,}")
    told = f"{soft:,} a process; a worker with many visitors takes {_HANDLES:,}."
    mend = f"ulimit -n {_HANDLES}, LimitNOFILE= of systemd, or --ulimit nofile={_HANDLES} of Docker"
    return (wrong if soft < _FEWEST_HANDLES else note)("open files", told, mend)


def temporary() -> Finding:
    """Say whether gunicorn can write the files by which it sees that its workers live."""
    memory = Path("/dev/shm")  # noqa: S108 - the file is made safely
    try:
        place = str(memory) if memory.is_dir() else tempfile.gettempdir()
    except OSError:
        place = "/tmp"  # noqa: S108 - only to name it
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        told = f"{place} cannot be written into ({error.strerror}): no worker could be started."
        mend = f"make room in {place}, or mount it writable (--tmpfs of Docker)"
        return wrong("temporary files", told, mend)
    return ok("temporary files", f"{place} can be written into")


def decoders() -> Finding:
    """Say whether every format of pictures can be decoded, by doing it.

    Pillow writes JPEG by itself; HEIC it has learned by the first picture that was loaded.
    """
    lacking = [name for name in FORMATS if not _decodes(name)]
    if lacking:
        mend = "pip install --require-hashes -r requirements-serve.txt"
        return wrong("decoders", f"pictures in {', '.join(lacking)} cannot be read.", mend)
    return ok("decoders", ", ".join(FORMATS))


def _decodes(name: str) -> bool:
    file = io.BytesIO()
    try:
        Image.new("RGB", (64, 64), (200, 90, 30)).save(file, name)
        red, green, blue = load(file.getvalue()).pixels[128, 128].tolist()
    except (OSError, ValueError, KeyError):
        return False
    return bool(abs(red - 200) < 20 and abs(green - 90) < 20 and abs(blue - 30) < 20)
