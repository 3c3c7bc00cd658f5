"""Which part of a picture is looked at, and how it is held: cut, mirrored, turned, in this order.

The order is that of the IIIF Image API 3.0, and so is that a part is clipped at the picture's edge.
"""

import re
from typing import Final, NamedTuple, Self

# Four whole numbers; no picture that can be decoded needs more digits.
REGION: Final = "[0-9]{1,9},[0-9]{1,9},[1-9][0-9]{0,8},[1-9][0-9]{0,8}"
TURNS: Final = (0, 90, 180, 270)


class Region(NamedTuple):
    """A rectangle in pixels of the upright picture; x and y are its upper left corner, from 0."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "x,y,width,height". Raises ValueError with a sentence."""
        if not re.fullmatch(REGION, text):
            raise ValueError(
                "A region is four whole numbers, x,y,width,height, and no side of it is 0."
            )
        return cls(*(int(number) for number in text.split(",")))

    def __str__(self) -> str:
        return ",".join(map(str, self))

    def within(self, width: int, height: int) -> Self | None:
        """Return what of it lies in a picture of this size; None: nothing does."""
        right, bottom = min(self.x + self.width, width), min(self.y + self.height, height)
        if self.x >= right or self.y >= bottom:
            return None
        return type(self)(self.x, self.y, right - self.x, bottom - self.y)

    def scaled(self, before: tuple[int, int], after: tuple[int, int]) -> Self:
        """Return the same part of a picture of the size `before` when its size is `after`.

        It keeps a pixel at least.
        """
        across, down = after[0] / before[0], after[1] / before[1]
        left = min(round(self.x * across), after[0] - 1)
        top = min(round(self.y * down), after[1] - 1)
        right, bottom = round((self.x + self.width) * across), round((self.y + self.height) * down)
        return type(self)(left, top, max(right - left, 1), max(bottom - top, 1))


class View(NamedTuple):
    """How a picture is looked at. region: None is all of it. turn: degrees clockwise, in `TURNS`.

    size: width and height of the picture that the region tells of, where what is loaded is a copy
    of another size; None: it tells of what is loaded.
    """

    region: Region | None = None
    mirror: bool = False
    turn: int = 0
    size: tuple[int, int] | None = None

    def clipped(self, width: int, height: int) -> Self | None:
        """Return it for a picture of this size; None: nothing of its region lies in the picture.

        All of the picture is no region.
        """
        if self.region is None:
            return self._replace(size=None)
        told = self.size or (width, height)
        found = self.region.within(*told)
        if found is None:
            return None
        found = found.scaled(told, (width, height))
        whole = found == (0, 0, width, height)
        return self._replace(region=None if whole else found, size=None)

    def turned(self) -> Self:
        """Return it after another quarter turn to the right."""
        return self._replace(turn=(self.turn + 90) % 360)

    def mirrored(self) -> Self:
        """Return it after what is seen was mirrored, left for right.

        The mirror comes before the turn, which then goes the other way round.
        """
        return self._replace(mirror=not self.mirror, turn=-self.turn % 360)


WHOLE: Final = View()
