"""Writing to files without a buffer, which other processes read meanwhile."""

from typing import BinaryIO


def pour(content: bytes, file: BinaryIO) -> None:
    """Write all of it. Raises OSError where the disk is full: one that gets full takes a part."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
