"""Starts the server: on the bundle of the settings, or on a folder of photos, indexed first."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Final, NoReturn

from app import settings
from app.settings import PREFIX, SettingsError
from model.command import CommandError
from model.indexing import index_pictures
from model.origins import Folder, Origin, origin_of
from model.publishing import adopt_model

ROOT: Final = Path(__file__).parent.parent


def serve(photos: str, port: int | None) -> NoReturn:
    """Replace this process by gunicorn. `photos` is a folder, or "" for the bundle of the settings.

    Exits with a sentence when the folder cannot be indexed.
    """
    if port is not None:
        os.environ[f"{PREFIX}PORT"] = str(port)
    if photos:
        try:
            bundle = _indexed(photos, Path(settings.load().bundle))
        except (SettingsError, CommandError, OSError) as error:
            sys.exit(f"imagesearch cannot start. {error}")
        os.environ[f"{PREFIX}BUNDLE"] = str(bundle.resolve())
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "wsgi:app"])  # noqa: S606 - no shell


def place_of(photos: str) -> Path:
    """Return where the bundle of a folder of photos lies; of an object store, likewise.

    That is in build/, under a name of the folder's own, so that the next start finds it. Raises
    CommandError for an address that cannot be one.
    """
    name = hashlib.sha256(os.fsencode(str(_origin(photos)))).hexdigest()[:12]
    return ROOT / "build" / "photos" / name


def _origin(photos: str) -> Origin:
    origin = origin_of(photos)
    return Folder(origin.path.resolve()) if isinstance(origin, Folder) else origin


def _indexed(photos: str, model: Path) -> Path:
    """Make the index of a folder of photos, with the model of the bundle `model`."""
    bundle, origin = place_of(photos), _origin(photos)
    print(f"Indexing {origin} ...", file=sys.stderr)
    adopt_model(bundle, model)
    outcome = index_pictures(origin, bundle)
    if failed := len(outcome.failed):
        pictures = "picture" if failed == 1 else "pictures"
        print(f"{failed:,} {pictures} could not be read; serving the others.", file=sys.stderr)
    return bundle
