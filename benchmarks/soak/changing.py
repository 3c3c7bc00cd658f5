"""What changes under a server: its gallery, generation after generation, and its workers."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.drawings import USUAL, jpeg
from benchmarks.servers import Server
from benchmarks.worker import ROOT

TOKEN: Final = "only-for-the-time-of-a-soak"
_FIRST: Final = 10_000  # the seed of the first picture that is added


class Changes:
    """Adds a picture through the server and takes it out again with `index`, in turn."""

    def __init__(self, server: Server, folder: Path, bundle: Path) -> None:
        self._server, self._folder, self._bundle = server, folder, bundle
        self.generations = self.reloads = 0
        self.failed: list[str] = []

    @contextmanager
    def going_on(self, every: float, reload_every: float) -> Iterator[None]:
        """Change the gallery and reload the server every so many seconds; 0: no reload."""
        ended = threading.Event()
        threads = [threading.Thread(target=self._change_until, args=(ended, every))]
        if reload_every:
            threads.append(threading.Thread(target=self._reload_until, args=(ended, reload_every)))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def _change_until(self, ended: threading.Event, every: float) -> None:
        added = ""
        while not ended.wait(every):
            added = self._remove(added) if added else self._add()
        if added:
            self._remove(added)

    def _add(self) -> str:
        """Add a picture through the server; return its path in the folder."""
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=60)
        content = jpeg(USUAL, _FIRST + self.generations)
        headers = {"Content-Type": "image/jpeg", "Authorization": f"Bearer {TOKEN}"}
        try:
            connection.request("POST", "/api/v1/images", content, headers)
            answer = connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.failed.append(f"adding: {type(error).__name__} {error}")
            return ""
        finally:
            connection.close()
        if answer.status != 201:
            self.failed.append(f"adding: {answer.status} {told[:120].decode(errors='replace')}")
            return ""
        self.generations += 1
        name: str = json.loads(told)["images"][0]["id"]
        return f"uploaded/picture-{name}.jpg"

    def _remove(self, path: str) -> str:
        """Take a picture out of the folder, as a person does, and index it."""
        (self._folder / path).unlink()
        command = [sys.executable, "-m", "model", "index", str(self._folder), "--bundle"]
        done = subprocess.run(
            [*command, str(self._bundle), "--jobs", "1"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            self.failed.append(f"index: {done.stderr.strip()[-120:]}")
        self.generations += 1
        return ""

    def _reload_until(self, ended: threading.Event, every: float) -> None:
        while not ended.wait(every):
            os.kill(self._server.process.pid, signal.SIGHUP)
            self.reloads += 1
