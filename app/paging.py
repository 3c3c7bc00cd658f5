"""Long lists in pages, each with an address of its own: `?page=2`."""

from typing import NamedTuple, Self

from flask import request
from werkzeug.exceptions import NotFound

from app.texts import gettext
from app.words import number


class Pages(NamedTuple):
    """Where one is in a list. number counts from 1; total is how many things there are."""

    number: int
    size: int
    total: int

    @classmethod
    def asked(cls, total: int, size: int) -> Self:
        """Return the page that the request asks for, or answer 404 when there is none such."""
        asked = request.args.get("page", "1")
        pages = cls(int(asked) if asked.isdecimal() and len(asked) < 10 else 0, size, total)
        if not 1 <= pages.number <= pages.last:
            raise NotFound(gettext("The pages go from 1 to %(last)s.", last=number(pages.last)))
        return pages

    @property
    def offset(self) -> int:
        """How many things come before this page."""
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one, too."""
        return max(1, -(-self.total // self.size))

    @property
    def shown(self) -> str:
        """Which things are on this page, such as "25 to 48"."""
        last = min(self.offset + self.size, self.total)
        return gettext("%(first)s to %(last)s", first=number(self.offset + 1), last=number(last))
