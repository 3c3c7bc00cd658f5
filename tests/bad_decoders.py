"""Decoders that never end, eat the memory or die: put into every Python that is started with them.

They stand for what a library might do. Which one a picture meets, its width says.
"""

import os
from pathlib import Path
from typing import Final

from PIL import Image

from tests import drawing

LOOPS, LOOPS_IN_C, EATS, DIES = 301, 302, 303, 304

# Python runs a module of this name before anything else, where it finds one.
_NAME: Final = "sitecustomize.py"
_TEXT: Final = f"""
import itertools, os
from PIL import ImageFile

def loop():
    while True:
        pass

def eat():
    kept = []
    while True:
        kept.append(bytearray(1_000_000))

BAD = {{
    {LOOPS}: loop,
    {LOOPS_IN_C}: lambda: sum(itertools.repeat(0)),  # in C, and never lets another thread run
    {EATS}: eat,
    {DIES}: os.abort,
}}
load = ImageFile.ImageFile.load

def bad(self):
    BAD.get(self.width, int)()
    return load(self)

ImageFile.ImageFile.load = bad
"""


def environment(folder: Path) -> dict[str, str]:
    """Write them into a folder, and return the environment of whoever is to meet them."""
    (folder / _NAME).write_text(_TEXT)
    paths = filter(None, (str(folder), os.environ.get("PYTHONPATH")))
    return {"PYTHONPATH": os.pathsep.join(paths)}


def picture(width: int) -> bytes:
    """Return a picture that meets one of them."""
    return drawing.encoded(Image.new("RGB", (width, 100), "teal"), "PNG")
