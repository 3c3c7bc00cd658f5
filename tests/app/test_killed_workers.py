"""Workers are killed 200 times while visitors search and the gallery changes: nothing is lost."""

import http.client
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from model.bundle import hash_of, open_bundle
from tests.app.changing import BEARER, TOKEN, Site, picture
from tests.app.test_server import Server

KILLS = 200
BROKEN = (http.client.HTTPException, ConnectionError)


class Visitors:
    """Whoever searches, looks and adds, until it is over. added: what was promised to be there."""

    def __init__(self, server: Server, site: Site) -> None:
        self._server = server
        self._known = [path.read_bytes() for path in sorted((site.folder / "arch").glob("*.jpg"))]
        self.over = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.broken = 0
        self.added: set[str] = set()

    def search(self, number: int) -> None:
        while not self.over.is_set():
            with self._perhaps_broken():
                status, body = self._server.ask("POST", "/api/v1/search", self._known[number % 2])
                assert status == 200, body
                self.statuses[status] += 1
                found: Any = json.loads(body)
                assert found["matches"][0]["distance"] < 1e-5
                assert self._server.ask("GET", found["matches"][0]["page"])[0] == 200

    def add(self, _: int) -> None:
        for seed in range(1000):
            if self.over.is_set():
                return
            with self._perhaps_broken():
                status, body = self._server.ask("POST", "/api/v1/images", picture(seed), BEARER)
                assert status in {200, 201}, body
                self.statuses[status] += 1
                self.added |= {image["id"] for image in json.loads(body)["images"]}

    def _perhaps_broken(self) -> "Broken":
        return Broken(self)


class Broken(suppress):
    """Counts requests whose worker died; what arrives whole must be right."""

    def __init__(self, visitors: Visitors) -> None:
        super().__init__(*BROKEN)
        self._visitors = visitors

    def __exit__(self, kind: Any, *more: Any) -> bool:
        swallowed = super().__exit__(kind, *more)
        self._visitors.broken += bool(swallowed)
        return bool(swallowed)


def kill(server: Server, visitors: Visitors, chance: random.Random) -> bool:
    """Kill one worker, whatever it does just now, and let others answer; False: there was none."""
    answers, workers = visitors.statuses.total(), sorted(server.workers())
    if workers:
        os.kill(chance.choice(workers), signal.SIGKILL)
    latest = time.monotonic() + 10  # on a busy machine; it takes a tenth of a second
    while visitors.statuses.total() == answers and time.monotonic() < latest:
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.05))
    return bool(workers)


def test_killed_200_times_workers_lose_no_picture_and_tell_nothing_wrong(changeable: Site) -> None:
    server, chance, killed = Server(changeable.bundle, TOKEN=TOKEN, WAIT="30"), random.Random(9), 0
    visitors = Visitors(server, changeable)
    with ThreadPoolExecutor(3) as pool:
        coming = [pool.submit(visitors.search, 0), pool.submit(visitors.search, 1)]
        coming.append(pool.submit(visitors.add, 0))
        while killed < KILLS:
            killed += kill(server, visitors, chance)
        visitors.over.set()
    for each in coming:
        each.result()
    assert visitors.broken
    assert visitors.statuses.total() > KILLS / 2
    # From the last kill on, all is right: what was promised is there, and to be found.
    for name in visitors.added:
        assert server.ask("GET", f"/images/{name}")[0] == 200
    last = [server.ask("POST", "/api/v1/search", picture(0)) for _ in range(8)]
    assert {status for status, _ in last} == {200}
    server.stop()
    bundle = open_bundle(changeable.bundle)  # its files are those of the manifest, to the last byte
    assert {record.id for record in bundle.gallery.every()} >= visitors.added
    for entry in bundle.manifest.files.values():
        assert hash_of(changeable.bundle / entry.name) == entry.sha256
    assert not changeable.index().failed  # nor does half of a file stay in the folder
