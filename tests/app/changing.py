"""A gallery that can be changed, for the tests of that."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Flask

from app import create_app
from model.bundle import generation, open_bundle
from model.gallery import Record
from model.indexing import Outcome, index_folder
from tests import drawing

TOKEN: Final = "a-token-that-only-tests-know"
BEARER: Final = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True)
class Site:
    """A folder of pictures, the bundle that was made of it, and its server with a token.

    client: Flask's; into its answers tests look as they like.
    """

    folder: Path
    bundle: Path
    app: Flask
    client: Any

    def add(self, seed: int = 0, **told: str) -> str:
        """Add a picture, and return its id."""
        answer = self.client.post(
            "/api/v1/images", data=picture(seed), query_string=told, headers=BEARER
        )
        assert answer.status_code == 201, answer.text
        added: dict[str, Any] = answer.get_json()
        return str(added["images"][0]["id"])

    def files(self) -> dict[str, bytes]:
        """Return all files of the folder by their paths."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}

    def records(self) -> list[Record]:
        """Return the records of the bundle as it is now."""
        return list(open_bundle(self.bundle, verify=False).gallery.every())

    def generation(self) -> str:
        return generation(self.bundle)

    def index(self) -> Outcome:
        """Do what `python -m model index` does."""
        return index_folder(self.folder, self.bundle, jobs=1)


def picture(seed: int = 0, kind: str = "JPEG", **options: object) -> bytes:
    """Return a picture that is in no gallery yet."""
    return drawing.encoded(drawing.textured("arch", 1000 + seed), kind, **options)


def opened(made: Path, place: Path, **settings: object) -> Site:
    """Open a copy of a gallery: `made` holds `pictures` and their `bundle`."""
    # Files of a bundle are never edited, so the copy may share them; its lock must not be shared.
    shutil.copytree(made / "bundle", place / "bundle", copy_function=os.link,
                    ignore=shutil.ignore_patterns(".index"))  # fmt: skip
    shutil.copytree(made / "pictures", place / "pictures")
    given = {"TESTING": True, "BUNDLE": str(place / "bundle"), "TOKEN": TOKEN, **settings}
    app = create_app(given)
    return Site(place / "pictures", place / "bundle", app, app.test_client())
