"""What one check found, in words."""

from typing import Literal, NamedTuple

State = Literal["ok", "note", "wrong"]


class Finding(NamedTuple):
    """check: what was looked at. told: what was found, a sentence or less. remedy: what mends it.

    state: "wrong" keeps a server from doing its work; a "note" does not. part: of a file of the
    bundle, its role.
    """

    check: str
    state: State
    told: str
    remedy: str = ""
    part: str = ""

    def __str__(self) -> str:
        """Return the finding as one line."""
        mend = f" To mend it: {self.remedy}" if self.remedy else ""
        return f"{self.state:5}  {self.check}: {self.told}{mend}"


def ok(check: str, told: str, part: str = "") -> Finding:
    """Return that something is as it should be."""
    return Finding(check, "ok", told, part=part)


def note(check: str, told: str, remedy: str = "") -> Finding:
    """Return what an operator should know, though a server can do its work."""
    return Finding(check, "note", told, remedy)


def wrong(check: str, told: str, remedy: str, part: str = "") -> Finding:
    """Return what keeps a server from doing its work."""
    return Finding(check, "wrong", told, remedy, part)
