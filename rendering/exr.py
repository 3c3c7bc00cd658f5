"""Reads the plain OpenEXR files that Blender writes, which spares us a dependency."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = 20000630
TYPES: dict[int, np.dtype[Any]] = {0: np.dtype("<u4"), 1: np.dtype("<f2"), 2: np.dtype("<f4")}
Image = npt.NDArray[np.float32]


def read_channels(path: Path) -> dict[str, Image]:
    """Return every channel of a file by name."""
    data = path.read_bytes()
    if struct.unpack_from("<i", data)[0] != MAGIC:
        raise ValueError(f"{path.name} is not an OpenEXR file")
    header, start = read_header(data)
    if header["compression"] != b"\0":
        raise ValueError(f"{path.name} is compressed; this reader knows plain scan lines only")
    left, top, right, bottom = struct.unpack("<4i", header["dataWindow"])
    width, height = right - left + 1, bottom - top + 1
    channels = channel_types(header["chlist"])
    line = np.dtype([("y", "<i4"), ("size", "<i4"), *((n, t, (width,)) for n, t in channels)])
    lines = np.frombuffer(data, dtype=line, count=height, offset=start + 8 * height)
    return {name: lines[name].astype(np.float32) for name, _ in channels}


def read_header(data: bytes) -> tuple[dict[str, bytes], int]:
    """Return the attributes by name (the channel list as `chlist`) and where the header ends."""
    at, found = 8, dict[str, bytes]()
    while data[at]:
        name, at = read_name(data, at)
        kind, at = read_name(data, at)
        (size,) = struct.unpack_from("<i", data, at)
        found["chlist" if kind == "chlist" else name] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return found, at + 1


def read_name(data: bytes, at: int) -> tuple[str, int]:
    """Return the text up to the next zero byte, and the place after it."""
    end = data.index(b"\0", at)
    return data[at:end].decode("latin-1"), end + 1


def channel_types(entry: bytes) -> list[tuple[str, np.dtype[Any]]]:
    """Return names and number formats in the order of the file."""
    at = 0
    found: list[tuple[str, np.dtype[Any]]] = []
    while entry[at]:
        name, at = read_name(entry, at)
        found.append((name, TYPES[struct.unpack_from("<i", entry, at)[0]]))
        at += 16
    return found


def layer(channels: dict[str, Image], name: str, parts: str) -> Image:
    """Return one pass, such as `Combined` with `RGB`, as an image with the parts last."""
    found = [next(v for k, v in channels.items() if k.endswith(f"{name}.{p}")) for p in parts]
    return np.ascontiguousarray(np.stack(found, axis=-1))
