"""Counts what a gallery shows: `python -m rendering.table gallery` writes it into its README."""

import sys
from collections import Counter
from pathlib import Path

from rendering.light import LIGHTS
from rendering.storage import Record, read_records

BEGIN = "<!-- Counts: written by `python -m rendering.table gallery` -->"
END = "<!-- End of counts -->"


def counts(records: list[Record]) -> str:
    """Return Markdown tables of pictures by type and light, and by setting and light."""
    bridges = len({record["group"] for record in records})
    lines = [f"{len(records):,} pictures of {bridges:,} bridges."]
    for field in ("type", "setting"):
        names = sorted({record[field] for record in records})
        lines += ["", row(field.capitalize(), *LIGHTS, "all"), row("---", *["---:"] * 7)]
        lines += [row(name, *numbers(records, field, name)) for name in names]
    lines += ["", row("All", *LIGHTS, "all"), row("---", *["---:"] * 7)]
    lines.append(row("pictures", *numbers(records, "licence", "CC0-1.0")))
    return "\n".join(lines)


def row(*cells: object) -> str:
    """Return one line of a table."""
    return "| " + " | ".join(map(str, cells)) + " |"


def numbers(records: list[Record], field: str, name: str) -> list[int]:
    """Return how many records with this name have each light, and how many there are."""
    seen = Counter(record["light"] for record in records if record[field] == name)
    return [*(seen[light] for light in LIGHTS), seen.total()]


def insert(text: str, table: str) -> str:
    """Return a text with the table between the two markers.

    Raises ValueError if the markers are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the text has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Write the tables of a gallery into its README."""
    if len(arguments) != 1:
        print("usage: python -m rendering.table GALLERY", file=sys.stderr)
        return 2
    page = Path(arguments[0]) / "README.md"
    text = insert(page.read_text(encoding="utf-8"), counts(read_records(page.parent)))
    page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
