"""What indexing asks of the place where pictures lie."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from model.folders import File, Listing
from model.reading import Content

T = TypeVar("T")


class Origin(Protocol):
    """Where pictures lie. Paths are relative to it, with "/" between names.

    `str` tells it as messages do. It travels to other processes, and to other machines.
    """

    @property
    def title(self) -> str:
        """What it is called, as a folder is: a gallery is called after it."""

    @property
    def readers(self) -> int:
        """How many files are best read at a time, where there is more to wait for than to do."""

    def listed(self) -> Listing:
        """List what there is, with sizes and times; nothing is read.

        Raises CommandError where there is no such place, or it cannot be listed.
        """

    def require(self, listing: Listing) -> None:
        """Raise CommandError where what was listed is no longer there, or another in its place."""

    def has(self, path: str) -> bool:
        """Whether there is such a file."""

    def taken(
        self, file: File, take: Callable[[io.FileIO], T], *, as_listed: bool = False
    ) -> Content[T]:
        """Return what `take` makes of a file as it was at one moment; it must read to the end.

        It may be called again. as_listed: only of the very file that was listed. Raises
        reading.Unread, reading.Gone for no such file, and CommandError where nothing can be read.
        """

    def trusted(self, modified_ns: int, begun_ns: int) -> int:
        """Return a time of change as `Content` has it, or IN_DOUBT where more might have changed.

        begun_ns: when reading began, nanoseconds since 1970.
        """

    def named(self, name: str) -> list[str]:
        """Return the paths of all files of this name, those with fewer folders above first."""

    def beside(self, place: str) -> frozenset[str]:
        """Return the names of the files that may tell of others in this folder; "": the first."""

    def small(self, path: str, most: int | None = None) -> bytes:
        """Return a file's content. Raises OSError, whose `strerror` says why.

        most: bytes; a larger file is not read.
        """

    def root(self, bundle: Path) -> str:
        """Return how the manifest of a bundle tells where this is."""

    def is_root(self, root: str, bundle: Path) -> bool:
        """Whether a manifest that tells this means this origin."""
