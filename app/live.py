"""The bundle that is being served, and its replacement while the server runs.

A request takes one `Snapshot` and keeps it to its end, so a new bundle never mixes with an old one.
"""

import gc
import logging
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from flask import Flask, current_app, g, has_request_context, request

from app.settings import Settings
from app.tiles import Tiles
from model.bundle import MANIFEST, Bundle, BundleError, Manifest, open_bundle, read_manifest
from model.encoder import DecoderPool, EncoderPool
from model.images import SIDE
from model.ranking import IndexUnavailable
from model.ranking.opening import open_index
from model.search import Searchable

# How often the files are looked at, in seconds: it feels like at once, and costs some stats.
LOOK_SECONDS: Final = 1.0
# After an idle time this long, replaced files may be gone: then nobody goes on with the old bundle
# while another thread looks. Publishing leaves replaced files in place for longer than this.
_IDLE_SECONDS: Final = 30.0

# Decoders in one process. What they draw is only looked at; each keeps 25 MB once it has drawn, and
# draws a picture in 10 ms of a core.
_DECODES: Final = 1

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot(Searchable):
    """One bundle, open and ready to search."""

    encoders: EncoderPool
    decoders: DecoderPool

    @cached_property
    def tiles(self) -> Tiles | None:
        """The map's tiles, where the gallery has a map."""
        if self.bundle.atlas is None:
            return None
        return Tiles(self.bundle.atlas, self.bundle.manifest.files["map"].sha256[:12])

    def warm(self) -> None:
        """Make the encoder now, which costs whoever needs it first 40 ms and more.

        What decodes is in the nursery by then (`model/nursery.py`).
        """
        if self.count:
            with self.encoders.borrow(timeout=0) as encoder:
                encoder.encode(np.zeros((1, SIDE, SIDE, 3), np.uint8))
            with suppress(IndexUnavailable):  # it may come later
                _ = self.border


class _State(NamedTuple):
    """What tells one state of a file from another without reading it.

    changed: when anything of it was, in nanoseconds; `cp -p` sets back when its content was.
    """

    inode: int
    changed: int
    size: int

    @classmethod
    def of(cls, path: Path) -> "_State | None":
        """Look at a file; None where it cannot be."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_ino, found.st_ctime_ns, found.st_size)


_States = dict[str, _State | None]  # of files, by their names


class LiveBundle:
    """The present snapshot, and the next one as soon as a file of the bundle changes.

    Nobody should edit the files of a bundle, but who copies one over another does: what was read
    meanwhile may be anything. So all files are looked at, and all is read anew when one changed.
    """

    def __init__(self, settings: Settings) -> None:
        """Open the bundle. Raises BundleError, and EngineError for an index that cannot be."""
        self._folder = Path(settings.bundle)
        self._index, self._token = settings.index, settings.index_token
        self._encodes = settings.encodes
        self._second_look = settings.second_look
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        # How the files are that were looked at last, and how those of the snapshot were.
        self._seen = self._opened = self._see(_names(read_manifest(self._folder)))
        self._snapshot = self._open(None)
        self._replaced = False

    def snapshot(self) -> Snapshot:
        """Return the bundle to answer a request from."""
        idle = time.monotonic() - self._looked
        if idle >= LOOK_SECONDS and self._lock.acquire(blocking=idle >= _IDLE_SECONDS):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._snapshot

    def newest(self) -> Snapshot:
        """Return the bundle that the manifest names now, whenever that was last looked at."""
        with self._lock:
            self._look()
            return self._snapshot

    def warm(self) -> None:
        """Make ready what the first search needs.

        It may meet a file that is just being written over. Whoever asks then is told; a worker that
        ended of it at its start would end the whole server.
        """
        try:
            self.snapshot().warm()
        except Exception as error:  # whatever it is
            _log.error("What the first search needs is not ready: %s", error)

    def _look(self) -> None:
        """Load what the manifest now names. When that is damaged, say so and keep the old."""
        self._let_go()
        seen = self._see(self._seen)
        if seen != self._seen:
            self._seen = seen
            if seen[MANIFEST] is not None:
                self._replace()
        self._looked = time.monotonic()

    def _replace(self) -> None:
        try:
            named = _names(read_manifest(self._folder))
            # What is seen before it is read cannot change unseen; the manifest was.
            self._seen = self._see(named) | self._seen
            kept = self._opened.keys() & named - {MANIFEST}
            edited = any(self._seen[name] != self._opened[name] for name in kept)
            self._snapshot = self._open(None if edited else self._snapshot)
            named = _names(self._snapshot.bundle.manifest)
            self._seen = self._opened = {name: self._seen.get(name) for name in named}
            self._replaced = True
            _log.info("The bundle was replaced: now %s.", self._snapshot.bundle.generation)
        except Exception as error:  # whatever is wrong with it must not stop the old one
            unforeseen = not isinstance(error, BundleError | OSError)
            _log.error("The old bundle stays; the new one: %s", error, exc_info=unforeseen)

    def _let_go(self) -> None:
        """Close the files of the bundle before, a second after it was replaced.

        Pages that were made of it hold it in cycles, and Python comes for these only now and then:
        one generation after another would stay open, with eight handles each.
        """
        if self._replaced:
            self._replaced = False
            gc.collect()

    def _see(self, names: Iterable[str]) -> _States:
        return {name: _State.of(self._folder / name) for name in names}

    def _open(self, old: Snapshot | None) -> Snapshot:
        bundle = open_bundle(self._folder, verified=old.bundle.manifest if old else None)
        ranking = open_index(self._index, bundle, self._token)
        encoders, decoders = self._encoders(bundle, old), self._decoders(bundle, old)
        return Snapshot(bundle, self._second_look, ranking, encoders, decoders)

    def _encoders(self, bundle: Bundle, old: Snapshot | None) -> EncoderPool:
        """Keep the encoders when only the index is new: they are warm."""
        if old is not None and old.bundle.path("encoder") == bundle.path("encoder"):
            return old.encoders
        return EncoderPool(bundle.path("encoder"), self._encodes)

    def _decoders(self, bundle: Bundle, old: Snapshot | None) -> DecoderPool:
        if old is not None and old.bundle.path("decoder") == bundle.path("decoder"):
            return old.decoders
        return DecoderPool(bundle.path("decoder"), _DECODES)


def _names(manifest: Manifest) -> set[str]:
    return {MANIFEST, *(file.name for file in manifest.files.values())}


def attach(app: Flask, settings: Settings) -> None:
    """Open the bundle and tie it to the application. Raises BundleError and EngineError."""
    app.extensions["imagesearch"] = (settings, LiveBundle(settings))


def settings() -> Settings:
    """Return the settings of the present application."""
    found: Settings = _attached()[0]
    return found


def snapshot() -> Snapshot:
    """Return the bundle of the present request, the same one from its beginning to its end."""
    if "snapshot" not in g:
        live: LiveBundle = _attached()[1]
        g.snapshot = live.snapshot()  # an error page has it, where the next line fails
        g.snapshot = _for_request(live, g.snapshot)
    held: Snapshot = g.snapshot
    return held


def renew() -> None:
    """Go on with the bundle as this request has just changed it."""
    g.snapshot = _attached()[1].newest()


def _for_request(live: LiveBundle, held: Snapshot) -> Snapshot:
    """Return a bundle that knows what the address names: pictures, or a generation.

    Each process looks at the manifest by itself: another one may have told of them already.
    """
    parts = (request.view_args or {}) if has_request_context() else {}
    named = [parts[name] for name in ("identifier", "other") if name in parts]
    told = request.args.get("generation", "") if has_request_context() else ""
    present = told in {"", held.bundle.generation} and all(map(held.gallery.find, named))
    return held if present else live.newest()


def _attached() -> Any:
    return current_app.extensions["imagesearch"]
