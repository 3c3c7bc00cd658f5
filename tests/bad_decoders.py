"""Decoders that never end, take long, eat the memory or die, for every Python started with them.

They stand for what a library might do. Which one a picture meets, its width says.
"""

import os
from pathlib import Path
from typing import Final

from PIL import Image

from tests import drawing

LOOPS, LOOPS_IN_C, EATS, DIES, SLOW = 301, 302, 303, 304, 305
SECONDS: Final = 1.5  # that the slow one takes

# Python runs a module of this name before anything else, where it finds one.
_NAME: Final = "sitecustomize.py"
_TEXT: Final = f"""
import itertools, os, time
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
    {SLOW}: lambda: time.sleep({SECONDS}),
}}
load = ImageFile.ImageFile.load

def bad(self):
    if self.tile:  # once, however often it is called
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
