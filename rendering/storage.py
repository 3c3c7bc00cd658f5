"""The records of the pictures in a folder, kept in step with the pictures themselves."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RECORDS = "records.json"
LOCK = ".rendering.lock"
Record = dict[str, Any]


def read_records(folder: Path) -> list[Record]:
    """Return the records whose pictures are there."""
    path = folder / RECORDS
    if not path.exists():
        return []
    records: list[Record] = json.loads(path.read_text(encoding="utf-8"))
    return [record for record in records if (folder / record["path"]).exists()]


def add_records(folder: Path, new: list[Record]) -> None:
    """Merge records into the file, sorted by picture, and replace the file in one step."""
    merged = {record["path"]: record for record in [*read_records(folder), *new]}
    lines = [json.dumps(merged[path], ensure_ascii=False) for path in sorted(merged)]
    partial = folder / f"{RECORDS}.part"
    partial.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    partial.replace(folder / RECORDS)


class FolderInUseError(Exception):
    """Another run is rendering into the same folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder; the system opens the lock again even after a crash.

    Raises FolderInUseError if another run holds it.
    """
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUseError(f"another run is rendering into {folder}") from None
        yield
