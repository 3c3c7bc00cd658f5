"""What people write for where pictures lie."""

import re
from pathlib import Path
from typing import Final

from model.command import CommandError
from model.origins.folder import Folder
from model.origins.interface import Origin
from model.origins.objects import Objects

_SCHEME: Final = "s3://"
# What an address may hold behind that. Nobody's credentials are part of it.
_PLACE: Final = re.compile(r"([a-zA-Z0-9._-]+)(?:/(.*))?", re.DOTALL)


def origin_of(told: str) -> Origin:
    """Return the origin that is told as a folder's path, or as s3://BUCKET/PREFIX.

    Raises CommandError for an address that cannot be one.
    """
    if not told.startswith(_SCHEME):
        return Folder(Path(told))
    found = _PLACE.fullmatch(told.removeprefix(_SCHEME))
    if found is None:
        raise CommandError(
            "An object store is told as s3://BUCKET or s3://BUCKET/PREFIX. Who asks, and where, "
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL tell."
        )
    prefix = (found[2] or "").rstrip("/")
    return Objects(found[1], f"{prefix}/" if prefix else "")


def folder_at(root: str, bundle: Path) -> Path | None:
    """Return the folder that the manifest of a bundle tells of; None where it is no folder."""
    return None if root.startswith(_SCHEME) else (bundle / root).resolve()
