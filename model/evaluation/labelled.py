"""Labelled pictures: a folder, and what tells the label of each picture in it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model.descriptions import told_in
from model.folders import FolderError
from model.origins import Folder

DISTRACTORS: Final = "_other"
FEWEST: Final = 5


@dataclass(frozen=True)
class Labelled:
    """A folder of labelled pictures.

    label: the field of the records that labels a picture, such as "group"; "" for its folder.
    fewest: pictures of a label for its pictures to be queries.
    """

    folder: Path
    label: str = ""
    fewest: int = FEWEST

    @property
    def name(self) -> str:
        """What figures and tables call it, such as "same_bridge" or "gallery group"."""
        return f"{os.path.basename(os.path.abspath(self.folder))} {self.label}".rstrip()  # noqa: PTH100, PTH119 - resolve() would follow links

    def labeller(self) -> Callable[[str], str]:
        """Return what tells the label of a picture by its path relative to the folder.

        Raises FolderError where no record has the field.
        """
        if not self.label:
            return lambda name: name.split("/")[0]
        told = told_in(Folder(self.folder))
        if not any(self.label in fields for fields in told.values()):
            raise FolderError(
                f"No record beside the pictures in {self.folder} has the field `{self.label}`."
            )
        return lambda name: str(told.get(name, {}).get(self.label, DISTRACTORS))


def parse(text: str, *, label: str = "", fewest: int = FEWEST) -> Labelled:
    """Read FOLDER, FOLDER:LABEL or FOLDER:LABEL:FEWEST; what is left out is as given.

    A folder whose own name holds a colon is found first. Raises FolderError for no whole number.
    """
    if Path(text).is_dir():
        return Labelled(Path(text), label, fewest)
    folder, _, rest = text.partition(":")
    field, _, count = rest.partition(":")
    if count and not count.isdecimal():
        raise FolderError(f"{text}: `{count}` is no whole number of pictures.")
    return Labelled(Path(folder), field or label, int(count) if count else fewest)
