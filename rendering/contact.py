"""A contact sheet: all pictures on one page, for looking at them together."""

from pathlib import Path

from PIL import Image, ImageDraw

TILE = (288, 192)
GAP = 4
PAGE = 96  # pictures on one page


def contact_pages(pictures: list[Path], folder: Path) -> list[Path]:
    """Write pages `contact-01.jpg` and so on, and take away pages of an earlier, longer set."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, len(pictures), PAGE)
    pages = [folder / f"contact-{n:02d}.jpg" for n in range(1, len(starts) + 1)]
    for old in set(folder.glob("contact-*.jpg")) - set(pages):
        old.unlink()
    for start, page in zip(starts, pages, strict=True):
        contact_sheet(pictures[start : start + PAGE], page, columns=8)
    return pages


def contact_sheet(pictures: list[Path], target: Path, columns: int = 4) -> None:
    """Paste small copies row by row, each fitted into a tile with its name below."""
    wide, high = TILE[0] + GAP, TILE[1] + GAP + 10
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * wide, max(rows, 1) * high), (24, 24, 26))
    pen = ImageDraw.Draw(sheet)
    for index, path in enumerate(pictures):
        x, y = index % columns * wide, index // columns * high
        with Image.open(path) as picture:
            picture.thumbnail(TILE)
            sheet.paste(picture, (x + (TILE[0] - picture.width) // 2, y))
        pen.text((x + 2, y + TILE[1]), path.stem, fill=(170, 170, 170))
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target)
