"""A folder of this machine, with the pictures in it."""

import errno
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from model.folders import TELLING, File, FolderError, Listing, identity_of, listed
from model.reading import Content, Gone, taken, trusted

T = TypeVar("T")


@dataclass(frozen=True)
class Folder:
    """A folder; see `Origin`."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def __reduce__(self) -> tuple[type["Folder"], tuple[Path]]:
        # Another process may be in another folder.
        return Folder, (self.path.absolute(),)

    @property
    def title(self) -> str:
        """The name of the folder."""
        return self.path.resolve().name

    @property
    def readers(self) -> int:
        """One: a disk is no faster for being asked several things at a time."""
        return 1

    def listed(self) -> Listing:
        """See `Origin.listed`."""
        return listed(self.path)

    def require(self, listing: Listing) -> None:
        """See `Origin.require`."""
        if identity_of(self.path) != listing.identity:
            raise FolderError(f"The folder {self.path} vanished while it was being read.")

    def has(self, path: str) -> bool:
        """See `Origin.has`."""
        return (self.path / path).exists()

    def taken(
        self, file: File, take: Callable[[io.FileIO], T], *, as_listed: bool = False
    ) -> Content[T]:
        """See `Origin.taken`."""
        if as_listed and not self._is_as_listed(file):
            raise Gone
        return taken(self.path / file.path, take)

    def _is_as_listed(self, file: File) -> bool:
        """Say whether the file is the one that was listed: a path may lead to others elsewhere."""
        try:
            status = (self.path / file.path).stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == file[1:]

    def trusted(self, modified_ns: int, begun_ns: int) -> int:
        """See `Origin.trusted`."""
        return trusted(modified_ns, begun_ns)

    def named(self, name: str) -> list[str]:
        """See `Origin.named`."""
        found = sorted(self.path.rglob(name), key=lambda each: (len(each.parts), each))
        return [each.relative_to(self.path).as_posix() for each in found]

    def beside(self, place: str) -> frozenset[str]:
        """See `Origin.beside`."""
        try:
            names = os.listdir(self.path / place)  # noqa: PTH208 - the names are all that is wanted
        except OSError:  # it went away: so did its pictures, and whoever reads these will say so
            return frozenset()
        return frozenset(name for name in names if name.lower().endswith(TELLING))

    def small(self, path: str, most: int | None = None) -> bytes:
        """See `Origin.small`."""
        file = self.path / path
        status = file.stat()
        if not file.is_file():  # never a pipe, which would be waited for
            raise OSError(errno.EINVAL, "it is no file")
        if most is not None and status.st_size > most:
            raise OSError(errno.EFBIG, f"it has {status.st_size:,} bytes, more than {most:,}")
        return file.read_bytes()

    def root(self, bundle: Path) -> str:
        """See `Origin.root`."""
        return os.path.relpath(self.path.resolve(), bundle.resolve())

    def is_root(self, root: str, bundle: Path) -> bool:
        """See `Origin.is_root`."""
        return (bundle / root).resolve() == self.path.resolve()
