"""`python -m model duplicates`: the groups of copies in a gallery, for whoever clears them up."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from model.bundle import Bundle, open_bundle
from model.command import DONE
from model.duplicates import Copy, Group, groups_of, require_copies

DESCRIPTION: Final = (
    "List the groups of pictures that are the same but for their size, compression or a little "
    "light, the largest of each first, and under each picture the other files that are the same "
    "byte for byte. They were found when the folder was indexed; nothing is changed."
)
# Groups that are read at a time, and pictures of one that are listed.
_PART: Final = 100
_MOST: Final = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.description = DESCRIPTION
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to look into")
    parser.add_argument("--exact", action="store_true", help="only what is the same byte for byte")
    parser.add_argument("--json", action="store_true", help="print them as one JSON document")
    parser.set_defaults(run=duplicates)


def duplicates(options: argparse.Namespace) -> int:
    """Print the groups."""
    bundle = open_bundle(options.bundle, verify=False)
    require_copies(bundle)
    if options.json:
        groups = [_as_data(group) for group in _groups(bundle, exact=options.exact)]
        told = {"total": len(groups), "groups": groups}
        print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    else:
        _print(bundle, exact=options.exact)
    return DONE


def _groups(bundle: Bundle, *, exact: bool) -> Iterator[Group]:
    for offset in range(0, bundle.gallery.count_copies(exact=exact), _PART):
        yield from groups_of(bundle, offset=offset, limit=_PART, most=_MOST, exact=exact)


def _print(bundle: Bundle, *, exact: bool) -> None:
    count, files = bundle.gallery.count_copies(exact=exact), 0
    for group in _groups(bundle, exact=exact):
        files += group.files
        print("\n".join(line for copy in group.copies for line in _lines(copy)))
        if group.count > len(group.copies):
            print(f"and {group.count - len(group.copies):,} more")
        print()
    many = "group" if count == 1 else "groups"
    print(f"{count:,} {many} of copies, {files:,} files." if count else "There are no copies.")


def _lines(copy: Copy) -> Iterator[str]:
    record = copy.record
    size = f"{record.width} x {record.height}"
    yield (
        f"{record.id}  {size:>13}  {record.format:5}  {record.bytes:>12,} bytes  "
        f"{copy.similarity:.3f}  {record.path}"
    )
    for path in copy.elsewhere:
        yield f"{'the same file':>65}  {path}"


def _as_data(group: Group) -> dict[str, Any]:
    return {
        "count": group.count,
        "pictures": [
            {
                "id": copy.record.id,
                "path": copy.record.path,
                "elsewhere": copy.elsewhere,
                "width": copy.record.width,
                "height": copy.record.height,
                "format": copy.record.format,
                "bytes": copy.record.bytes,
                "similarity": round(copy.similarity, 6),
                "largest": place == 0,
            }
            for place, copy in enumerate(group.copies)
        ],
    }
