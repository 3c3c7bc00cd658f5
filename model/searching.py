"""The verb `search`: what the API would find, as a table, as JSON, or as a page to keep."""

import argparse
import json
import tempfile
import webbrowser
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from model.bundle import Bundle, open_bundle
from model.command import DONE, CommandError
from model.contact_sheet import Found, sheet
from model.encoder import Encoder
from model.gallery import Gallery, Record
from model.images import ImageError, Picture, load, preview
from model.query import MOST_CHOSEN, MOST_PICTURES, describe, mean, moved
from model.ranking import Ranking
from model.view import TURNS, Region, View

DESCRIPTION: Final = (
    "Find the pictures of a bundle that look most like PICTURE, or like the mean of several. "
    "--region, --turn and --mirror are of each picture."
)
_SHOWN: Final = (512, 512)


class SearchError(CommandError):
    """A search that cannot be made."""


@dataclass(frozen=True)
class Match:
    """One found picture, as the API tells it. path: below the gallery's folder."""

    rank: int
    id: str
    distance: float
    similarity: float
    score: float
    title: str
    path: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.description = DESCRIPTION
    parser.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE", help="what to find")
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to search")
    parser.add_argument(
        "--region", type=_region, metavar="X,Y,WIDTH,HEIGHT", help="only this part, in pixels"
    )
    parser.add_argument("--mirror", action="store_true", help="mirror it, left for right")
    parser.add_argument(
        "--turn", type=int, choices=TURNS, default=0, help="degrees to turn it, after mirroring"
    )
    for name in ("more", "less"):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="ID",
            help=f"a picture of the gallery that matches should be {name} like; again for others",
        )
    parser.add_argument("--limit", type=_count, default=24, help="how many to show (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--open",
        nargs="?",
        type=Path,
        const=Path(),
        metavar="FILE.html",
        help="write a page with the pictures; without a name, a temporary one, and show it",
    )


def search(options: argparse.Namespace) -> int:
    """Search, and print what was found."""
    bundle = open_bundle(options.bundle)
    pictures = _loaded(options.pictures, View(options.region, options.mirror, options.turn))
    found = _found(bundle, pictures, options)
    matches = [_match(rank, *each) for rank, each in enumerate(found, 1)]
    print(_json(bundle, matches) if options.json else _table(matches))
    if options.open is not None:
        _write(options.open, _sheet(bundle.gallery, pictures, found))
    return DONE


def _loaded(paths: Sequence[Path], view: View) -> list[Picture]:
    if len(paths) > MOST_PICTURES:
        raise SearchError(f"A search takes {MOST_PICTURES} pictures at most.")
    pictures = []
    for path in paths:
        try:
            pictures.append(load(path, view=view))
        except ImageError as error:
            raise SearchError(f"{path}: {error}") from error
    return pictures


def _found(
    bundle: Bundle, pictures: Sequence[Picture], options: argparse.Namespace
) -> list[tuple[Record, float, float]]:
    """Return the matches with their distances and scores, the best first."""
    encoded = describe(Encoder(bundle.path("encoder")), pictures)
    more, less = (_chosen(bundle, chosen) for chosen in (options.more, options.less))
    query = moved(mean(encoded.embedding), bundle.embeddings[more], bundle.embeddings[less])
    found = Ranking(bundle.embeddings, bundle.sketch).search(query, limit=options.limit)
    records = bundle.gallery.records(found.rows.tolist())
    return list(zip(records, found.distances.tolist(), found.scores.tolist(), strict=True))


def _chosen(bundle: Bundle, identifiers: Sequence[str]) -> list[int]:
    chosen = list(dict.fromkeys(identifiers))
    if len(chosen) > MOST_CHOSEN:
        raise SearchError(f"At most {MOST_CHOSEN} pictures can be chosen.")
    records = [bundle.gallery.find(identifier) for identifier in chosen]
    for identifier, record in zip(chosen, records, strict=True):
        if record is None:
            raise SearchError(f"No picture of the gallery has the id {identifier}.")
    return [record.row for record in records if record is not None]


def _match(rank: int, record: Record, distance: float, score: float) -> Match:
    return Match(rank, record.id, distance, 1.0 - distance, score, record.title, record.path)


def _json(bundle: Bundle, matches: Sequence[Match]) -> str:
    told = {"searched": len(bundle.embeddings), "matches": [asdict(match) for match in matches]}
    return json.dumps(told, indent=2, ensure_ascii=False)


def _table(matches: Sequence[Match]) -> str:
    lines = [f"{'rank':>4}  {'similarity':>10}  {'id':12}  title (path)"]
    lines += [
        f"{match.rank:4}  {match.similarity:10.3f}  {match.id}  {match.title} ({match.path})"
        for match in matches
    ]
    return "\n".join(lines)


def _sheet(
    gallery: Gallery, pictures: Sequence[Picture], found: Sequence[tuple[Record, float, float]]
) -> str:
    asked = [preview(picture.reduced, _SHOWN) for picture in pictures]
    matches = [
        Found(record.title, record.path, 1.0 - distance, gallery.thumbnail(record, "small"))
        for record, distance, _ in found
    ]
    return sheet(asked, matches)


def _write(path: Path, page: str) -> None:
    """Write the page; without a name into a temporary file, which the browser then shows."""
    if path != Path():
        path.write_text(page, encoding="utf-8")
        return
    with tempfile.NamedTemporaryFile(
        "w", suffix=".html", prefix="search-", delete=False, encoding="utf-8"
    ) as file:
        file.write(page)
    print(file.name)
    webbrowser.open(Path(file.name).as_uri())


def _region(text: str) -> Region:
    try:
        return Region.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 1000")
    return int(text)
