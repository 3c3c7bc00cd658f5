"""The keys of an object store below a prefix, with the pictures in its objects."""

import errno
import io
import tempfile
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from model.command import CommandError
from model.folders import SUFFIXES, TELLING, File, Listing
from model.reading import Content, Gone, Unread

if TYPE_CHECKING:
    from model.origins.bucket import Bucket

T = TypeVar("T")

_AT_ONCE: Final = 16  # objects, where somebody waits for all of them


class Objects:
    """What lies in a bucket below a prefix, which is "" or ends with "/"; see `Origin`.

    A "/" in a key is taken as that between folders and files. Who asks, and where, the environment
    tells each process by itself: nothing of that travels, or is kept.
    """

    def __init__(self, bucket: str, prefix: str) -> None:
        self._name = bucket
        self._prefix = prefix
        self._beside: dict[str, dict[str, File]] = {}  # what tells of pictures: place, name

    def __str__(self) -> str:
        return f"s3://{self._name}/{self._prefix}".rstrip("/")

    def __reduce__(self) -> tuple[type["Objects"], tuple[str, str]]:
        return Objects, (self._name, self._prefix)

    @cached_property
    def _bucket(self) -> "Bucket":
        try:
            from model.origins.bucket import Bucket  # noqa: PLC0415 - only who reads needs botocore
        except ModuleNotFoundError as error:
            raise CommandError(
                f"s3:// needs {error.name}: requirements-objects.txt has it. Folders need nothing "
                "of it."
            ) from None
        return Bucket(self._name, _AT_ONCE)

    @property
    def title(self) -> str:
        """The last name of the prefix, or the bucket's."""
        return self._prefix.rstrip("/").rpartition("/")[2] or self._name

    @property
    def readers(self) -> int:
        """See `Origin.readers`."""
        return _AT_ONCE

    def listed(self) -> Listing:
        """See `Origin.listed`. Keys that end with "/", or with a name that begins with ".", go by.

        Raises StoreError.
        """
        found = Listing(identity=str(self))
        beside: dict[str, dict[str, File]] = defaultdict(dict)
        for key, size, version in self._bucket.objects(self._prefix):
            path = key.removeprefix(self._prefix)
            place, _, name = path.rpartition("/")
            suffix = name[name.rfind(".") :].lower()
            if "/." in f"/{path}":
                continue
            if suffix in SUFFIXES:
                found.files.append(File(path, size, version))
            elif suffix in TELLING:
                beside[place][name] = File(path, size, version)
        found.files.sort(key=lambda file: file.path.split("/"))
        self._beside = dict(beside)
        return found

    def require(self, listing: Listing) -> None:  # noqa: ARG002 - a bucket is known by its name
        """See `Origin.require`."""
        self._bucket.require(self._prefix)

    def has(self, path: str) -> bool:
        """See `Origin.has`."""
        return self._bucket.has(self._prefix + path)

    def taken(
        self, file: File, take: Callable[[io.FileIO], T], *, as_listed: bool = False
    ) -> Content[T]:
        """See `Origin.taken`. What decoders read lies in a file meanwhile, and has no name."""
        with tempfile.TemporaryFile(buffering=0) as copy:
            try:
                version = self._bucket.copy(self._key(file.path), copy, file if as_listed else None)
            except OSError as error:  # a full disk: the store's own troubles are others
                raise CommandError(
                    f"{tempfile.gettempdir()}, where objects lie while they are read, cannot be "
                    f"written: {error.strerror}. TMPDIR names another place."
                ) from None
            copy.seek(0)
            return Content(take(copy), version)

    def trusted(self, modified_ns: int, begun_ns: int) -> int:  # noqa: ARG002 - see below
        """See `Origin.trusted`: a version is never in doubt, for its ETag is a part of it."""
        return modified_ns

    def named(self, name: str) -> list[str]:
        """See `Origin.named`."""
        found = [names[name].path for names in self._beside.values() if name in names]
        return sorted(found, key=lambda path: (path.count("/"), path))

    def beside(self, place: str) -> frozenset[str]:
        """See `Origin.beside`."""
        return frozenset(self._beside.get(place, ()))

    def small(self, path: str, most: int | None = None) -> bytes:
        """See `Origin.small`."""
        place, _, name = path.rpartition("/")
        size = self._beside[place][name].bytes
        if most is not None and size > most:
            raise OSError(errno.EFBIG, f"it has {size:,} bytes, more than {most:,}")
        content = io.BytesIO()
        try:
            self._bucket.copy(self._key(path), content)
        except Gone:
            raise OSError(errno.ENOENT, "it is there no longer") from None
        except Unread as error:
            raise OSError(errno.EIO, str(error).rstrip(".")) from None
        return content.getvalue()

    def root(self, bundle: Path) -> str:  # noqa: ARG002 - it is the same, seen from anywhere
        """See `Origin.root`."""
        return str(self)

    def is_root(self, root: str, bundle: Path) -> bool:  # noqa: ARG002 - likewise
        """See `Origin.is_root`."""
        return root == str(self)

    def _key(self, path: str) -> str:
        """Return the key of a file. Raises Unread where no request can name it."""
        try:
            path.encode()
        except UnicodeEncodeError:
            raise Unread(
                "Its key is not UTF-8, so no S3 client can ask for it: copy it to another one."
            ) from None
        return self._prefix + path
