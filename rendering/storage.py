"""The records of the pictures in a folder, kept in step with the pictures themselves."""

import json
from pathlib import Path
from typing import Any

RECORDS = "records.json"
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
