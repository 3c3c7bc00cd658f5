"""What the verb `search` can be asked for: the parameters of the API's search, by their names."""

import argparse
import re
from pathlib import Path
from typing import Any, Final

from model.filters import DATE
from model.ranking.opening import EMBEDDED
from model.view import TURNS, Region

DESCRIPTION: Final = (
    "Find the pictures of a bundle that look most like PICTURE, or like the mean of several. The "
    "options are the parameters of the API's search. Of several pictures, the first --region, "
    "--mirror and --turn are those of the first, and so on; what belongs to none is ignored."
)
_MOST: Final = 1000
_YES: Final = {"1": True, "true": True, "0": False, "false": False}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.description = DESCRIPTION
    parser.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE", help="what to find")
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to search")
    _add_looking(parser)
    _add_steering(parser)
    _add_filters(parser)
    parser.add_argument(
        "--index", default=EMBEDDED, help="milvus://host:port/name, or %(default)s (the default)"
    )
    parser.add_argument("--limit", type=_limit, default=24, help="how many to show (%(default)s)")
    parser.add_argument(
        "--offset", type=_offset, default=0, help="how many to leave out before them (%(default)s)"
    )
    parser.add_argument(
        "--second-look",
        action="store_true",
        help="order the nearest 100 anew, as a server does with IMAGESEARCH_SECOND_LOOK",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--open",
        nargs="?",
        type=Path,
        const=Path(),
        metavar="FILE.html",
        help="write a page with the pictures; without a name, a temporary one, and show it",
    )


def _add_looking(parser: argparse.ArgumentParser) -> None:
    several: dict[str, Any] = {"action": "append", "default": []}
    parser.add_argument(
        "--region",
        type=_region,
        metavar="X,Y,WIDTH,HEIGHT",
        help="only this part, in pixels of the upright picture; empty: all of it",
        **several,
    )
    parser.add_argument(
        "--mirror",
        type=_yes,
        nargs="?",
        const=True,
        metavar="1|0",
        help="mirror it, left for right",
        **several,
    )
    parser.add_argument(
        "--turn",
        type=int,
        choices=TURNS,
        help="degrees to turn it clockwise, after mirroring",
        **several,
    )


def _add_steering(parser: argparse.ArgumentParser) -> None:
    for name in ("more", "less"):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="ID",
            help=f"a picture of the gallery that matches should be {name} like; again for others",
        )


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="NAME:WORD",
        help="only pictures with this word, such as season:summer; again for others: words of one "
        "name are alternatives, different names narrow one another",
    )
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        help="only pictures with this tag; again for others, of which one is enough",
    )
    for name, dest, bound in (("from", "start", "later"), ("to", "end", "earlier")):
        parser.add_argument(
            f"--{name}",
            dest=dest,
            type=_date,
            default="",
            metavar="DATE",
            help=f"only pictures of this day, month or year, or {bound}",
        )
    parser.add_argument(
        "--per-group", "--per_group", action="store_true", help="only the best of each group"
    )


def _region(text: str) -> Region | None:
    try:
        return Region.parse(text) if text else None
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _yes(text: str) -> bool:
    if text.lower() not in _YES:
        raise argparse.ArgumentTypeError(f"1 or 0, and not {text!r}; pictures come before it")
    return _YES[text.lower()]


def _date(text: str) -> str:
    if not re.search(DATE, text):
        raise argparse.ArgumentTypeError("a day, a month or a year: 2024-03-14, 2024-03 or 2024")
    return text


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {_MOST}")
    return int(text)


def _offset(text: str) -> int:
    if not text.isdecimal() or len(text) > len("2147483647"):
        raise argparse.ArgumentTypeError("a whole number from 0")
    return int(text)
