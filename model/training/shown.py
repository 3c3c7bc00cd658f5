"""What pictures show, as far as folders and records tell it: which thing, and of which kind."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from model.descriptions import told_in
from model.folders import pictures_in
from model.origins import Folder


class Shown(NamedTuple):
    """What a picture shows, as `Place` has it."""

    group: str
    kind: str


def shown_by(
    folders: Sequence[Path], grouped: Sequence[Path], pictures: Collection[Path]
) -> dict[Path, Shown]:
    """Return what each of the pictures below the folders shows.

    grouped: folders below which those of one folder show the same thing, whatever records say.
    """
    groups, kinds = dict[Path, str](), dict[Path, str]()
    for folder in folders:
        for name, told in told_in(Folder(folder)).items():
            if group := told.get("group"):
                groups[folder / name] = f"{folder} {group}"
            if kind := told.get("type"):
                kinds[folder / name] = f"{kind}"
    groups |= {path: f"{path.parent}" for folder in grouped for path in pictures_in(folder)}
    return {path: Shown(_short(groups, path), _short(kinds, path)) for path in pictures}


def _short(told: Mapping[Path, str], path: Path) -> str:
    """Return what is told of a picture as a name that says nothing of where it lay; "" for none."""
    name = told.get(path, "").encode("utf-8", "surrogateescape")
    return hashlib.sha256(name).hexdigest()[:12] if name else ""
