"""What a command writes into a page stands between two marks, which a reader does not see."""

from pathlib import Path
from typing import Final

END: Final = "<!-- end -->"


def replace(page: Path, begin: str, text: str) -> None:
    """Replace what stands between a mark and the next end. Raises ValueError without the marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{page} lacks the lines {begin} and {END}.")
    page.write_text(f"{before}{begin}\n{text}{END}{after}", encoding="utf-8")


def between(page: Path, begin: str) -> str:
    """Return what stands between a mark and the next end."""
    return page.read_text(encoding="utf-8").partition(begin)[2].partition(END)[0]
