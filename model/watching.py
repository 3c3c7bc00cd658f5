"""`index --watch`: keeps an index equal to a folder for as long as it runs.

What the system tells of the folder (inotify and its like, by watchdog) only says when to look; each
look is an `index` of the whole folder, so nothing is lost when the system tells too little, as on
network drives: every ten minutes one is made anyway.
"""

import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from watchdog.events import DirModifiedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from model.bundle import read_manifest
from model.command import DONE, CommandError
from model.folders import identity_of
from model.indexing import Failures, Outcome
from model.locking import holding
from model.publishing import GRACE_SECONDS, sweep

SETTLE_SECONDS: Final = 2.0  # without a change, before the index is made: copying takes its time
LONGEST_SECONDS: Final = 30.0  # that changes are waited out, where there is always one
# Looks that nothing asked for: as a rule, after an error, and where the system tells of no changes.
_LOOK_SECONDS: Final = 600.0
_RETRY_SECONDS: Final = 30.0
_BLIND_SECONDS: Final = 60.0
_TICK_SECONDS: Final = 0.5
_READING: Final = frozenset(("opened", "closed_no_write"))


def watch(
    folder: Path, bundle: Path, index: Callable[[Failures], Outcome], tell: Callable[[Outcome], str]
) -> int:
    """Index whenever the folder changes, until Ctrl-C or SIGTERM; return the exit status.

    index: makes the index once; it is given the failures that were told of before. tell: writes a
    line about what it did. Raises what the first `index` raises; later errors are told, and tried
    again. Raises locking.Busy while another process watches for the same bundle.
    """
    stopped = _interruptible()
    read_manifest(bundle)
    with holding(bundle, "watch"):
        watcher = _Watcher(folder, bundle, index, tell, stopped)
        try:
            watcher.run()
        except KeyboardInterrupt:
            _say(f"No longer watching {folder}.")
        finally:
            watcher.close()
    return DONE


def _interruptible() -> threading.Event:
    """Let Ctrl-C and SIGTERM interrupt what is done, and be remembered.

    An exception that is raised while an object is being destroyed is lost.
    """
    stopped = threading.Event()

    def interrupt(*_: object) -> None:
        stopped.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as in the background of a shell
        signal.signal(signal.SIGINT, interrupt)
    return stopped


class _Watcher:
    """The rounds of one `--watch`."""

    def __init__(
        self,
        folder: Path,
        bundle: Path,
        index: Callable[[Failures], Outcome],
        tell: Callable[[Outcome], str],
        stopped: threading.Event,
    ) -> None:
        self._folder = folder
        self._bundle = bundle
        self._index = index
        self._tell = tell
        self._stopped = stopped
        self._events = _Events(folder, bundle)
        self._observer: BaseObserver | None = None
        self._identity: tuple[int, int] | None = None
        self._failed: Failures = frozenset()
        self._trouble = ""
        self._sweep_at = float("inf")

    def run(self) -> None:
        """Make the first index, and the next ones, until an interrupt."""
        self._observe()
        self._keep(self._index(self._failed), first=True)
        _say(f"Watching {self._folder}: Ctrl-C ends it.")
        while True:
            self._wait()
            self._round()

    def close(self) -> None:
        """Stop listening."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def _round(self) -> None:
        self._events.clear()
        try:
            self._keep(self._index(self._failed))
            self._trouble = ""
        except (CommandError, OSError, sqlite3.Error) as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                _say(f"{error} It is tried again.")

    def _keep(self, outcome: Outcome, *, first: bool = False) -> None:
        self._failed = frozenset(outcome.failed)
        if outcome.generation or first:
            print(self._tell(outcome), flush=True)
            self._sweep_at = time.monotonic() + GRACE_SECONDS + 1

    def _wait(self) -> None:
        """Return when it is time to look: after changes, for a folder that came back, or anyway."""
        pause = _LOOK_SECONDS if self._observer is not None else _BLIND_SECONDS
        latest = time.monotonic() + (_RETRY_SECONDS if self._trouble else pause)
        while time.monotonic() < latest and not self._events.settled():
            time.sleep(_TICK_SECONDS)
            if self._stopped.is_set():
                raise KeyboardInterrupt
            self._sweep()
            if identity_of(self._folder) != self._identity:
                self._observe()
                return

    def _observe(self) -> None:
        """Listen to the folder that lies there now, if there is one."""
        self.close()
        self._identity = identity_of(self._folder)
        if self._identity is None:
            return
        observer = Observer()
        try:
            observer.schedule(self._events, str(self._folder.absolute()), recursive=True)
            observer.start()
        except OSError as error:  # such as more folders than fs.inotify.max_user_watches allows
            _say(f"The system does not tell of changes in {self._folder}: {error.strerror}.")
            _say(f"So it is looked through every {_BLIND_SECONDS:.0f} seconds.")
        else:
            self._observer = observer

    def _sweep(self) -> None:
        """Delete what the last index replaced, when no server needs it any more."""
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = float("inf")
            with suppress(CommandError, OSError), holding(self._bundle):
                sweep(self._bundle, read_manifest(self._bundle))


class _Events(FileSystemEventHandler):
    """Notes when the folder changed, from the observer's thread. What it holds is not looked at."""

    def __init__(self, folder: Path, bundle: Path) -> None:
        self._folder = folder
        self._bundle = bundle.absolute()
        self._lock = threading.Lock()
        self._first = self._last = 0.0

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note a change of a file or folder that is not hidden, and not part of the bundle."""
        if event.event_type in _READING or isinstance(event, DirModifiedEvent):
            return
        paths = filter(None, (os.fsdecode(event.src_path), os.fsdecode(event.dest_path)))
        if any(map(self._counts, paths)):
            with self._lock:
                self._last = time.monotonic()
                self._first = self._first or self._last

    def settled(self) -> bool:
        """Whether something changed, and either nothing more has for a while, or it goes on."""
        now = time.monotonic()
        with self._lock:
            quiet = now - self._last >= SETTLE_SECONDS
            return self._first > 0 and (quiet or now - self._first >= LONGEST_SECONDS)

    def clear(self) -> None:
        """Forget the changes so far: the index that is made now sees them."""
        with self._lock:
            self._first = 0.0

    def _counts(self, path: str) -> bool:
        place = Path(os.path.relpath(path, self._folder))
        hidden = any(name.startswith(".") for name in place.parts)
        return not hidden and not Path(path).is_relative_to(self._bundle)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
