"""What the processes of a command take of the machine's memory (Linux)."""

from pathlib import Path


def family(pid: int) -> list[int]:
    """Return a process and all below it that are there now."""
    found = [pid]
    for member in found:
        for listed in Path(f"/proc/{member}/task").glob("*/children"):
            found += map(int, _text(listed).split())
    return found


def proportional(pid: int) -> float:
    """Return the proportional set size in MB (10^6 bytes), where what is shared counts once.

    0 for a process that has ended.
    """
    lines = _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    kilobytes = next((line.split()[1] for line in lines if line.startswith("Pss:")), "0")
    return int(kilobytes) * 1024 / 1e6


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""
