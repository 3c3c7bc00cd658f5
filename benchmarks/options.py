"""What one run of the benchmarks was asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """bundle: what is measured. quick: small sizes and few rounds, to see that it all works."""

    bundle: Path
    quick: bool

    def choose(self, whole: T, quick: T) -> T:
        """Return the value for a whole or for a quick run."""
        return quick if self.quick else whole
