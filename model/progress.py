"""A line that says how far a long command is: count, rate and time left, on standard error."""

import sys
import time
from typing import TextIO


class Progress:
    """Counts `total` things; redraws its line on a terminal, prints one every ten seconds else."""

    def __init__(self, verb: str, total: int, stream: TextIO | None = None) -> None:
        self._verb = verb
        self._total = total
        self._done = 0
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._start = time.monotonic()
        self._next = self._start + (0.2 if self._terminal else 10.0)

    def step(self, count: int = 1) -> None:
        """Count `count` more things as done."""
        self._done += count
        now = time.monotonic()
        if now >= self._next:
            self._next = now + (0.2 if self._terminal else 10.0)
            self._show(self._line(now))

    def note(self, message: str) -> None:
        """Print a line of its own, such as a file that failed."""
        self._stream.write(f"{self._clear()}{message}\n")

    def clear(self) -> None:
        """Take the line away."""
        self._stream.write(self._clear())
        self._stream.flush()

    def finish(self) -> None:
        """Replace the line by its last state."""
        seconds = time.monotonic() - self._start
        rate = self._done / seconds if seconds > 0 else 0.0
        self.note(f"{self._verb}: {self._done:,} in {seconds:.1f} s, {rate:,.0f} per second")

    def _line(self, now: float) -> str:
        rate = self._done / max(now - self._start, 1e-9)
        left = (self._total - self._done) / rate if rate else 0.0
        share = 100 * self._done // max(self._total, 1)
        return (
            f"{self._verb}: {self._done:,} of {self._total:,} ({share} %), "
            f"{rate:,.0f} per second, {duration(left)} left"
        )

    def _show(self, line: str) -> None:
        self._stream.write(f"{self._clear()}{line}" if self._terminal else f"{line}\n")
        self._stream.flush()

    def _clear(self) -> str:
        return "\r\x1b[K" if self._terminal else ""


def duration(seconds: float) -> str:
    """Write seconds as people say them: "40 s", "12 min", "3 h 5 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
