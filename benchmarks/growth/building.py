"""Builds one index, in a process of its own: `python -m benchmarks.growth.building KIND PLACE...`.

It prints how many seconds that took.
"""

import sys
import time
from pathlib import Path

from benchmarks.growth.all_kinds import KINDS
from benchmarks.growth.kinds import Place


def main() -> None:
    """Build, and print the seconds; PLACE: the folders of the data and the index, an address."""
    name, data, index, address = sys.argv[1:]
    begun = time.perf_counter()
    KINDS[name].build(Place(Path(data), Path(index), address))
    print(time.perf_counter() - begun)


if __name__ == "__main__":
    main()
