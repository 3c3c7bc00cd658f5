"""What a server is told: its settings, as the server itself reads them, its port and its index."""

import errno
import http.client
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from model.bundle import Bundle
from model.command import CommandError
from model.doctor.contents import answering
from model.doctor.finding import Finding, note, ok, wrong
from model.ranking.opening import open_index

_ROOT: Final = Path(__file__).parent.parent.parent
_HELP: Final = "python -m app --help lists every setting"


class Told(NamedTuple):
    """settings: as `app.settings` has them, secrets left out; None: they cannot be used."""

    settings: dict[str, Any] | None
    findings: list[Finding]


def settings(bundle: Path) -> Told:
    """Ask the server's own program for its settings and what is odd about them.

    As a program: nothing here imports the application.
    """
    command = [sys.executable, "-m", "app", "--check"]
    environ = os.environ | {"IMAGESEARCH_BUNDLE": str(bundle.resolve())}
    done = subprocess.run(  # noqa: S603 - our own program, and no shell
        command, cwd=_ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        told = (done.stderr.strip().splitlines() or ["the server's program cannot be run."])[-1]
        return Told(None, [wrong("settings", told, _HELP)])
    found = msgspec.json.decode(done.stdout)
    odd = [note("settings", each["told"], each["remedy"]) for each in found["odd"]]
    return Told(found["settings"], odd or [ok("settings", "all make sense")])


def port(settings: dict[str, Any]) -> Finding:
    """Say whether a server could listen where the settings say, or does already."""
    host, number = settings["host"], settings["port"]
    try:
        _listen(host, number)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _answers(host, number):
            return ok("port", f"a server answers at {host}:{number} already")
        mend = "stop what listens there, or set IMAGESEARCH_PORT and IMAGESEARCH_HOST"
        return wrong("port", f"{host}:{number} cannot be used ({error.strerror}).", mend)
    return ok("port", f"{host}:{number} is free" if number else f"any free one of {host}")


def _listen(host: str, number: int) -> None:
    family, kind, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)


def _answers(host: str, number: int) -> bool:
    connection = http.client.HTTPConnection(host, number, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read() == b"ok\n"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def index(setting: str, bundle: Bundle) -> Finding:
    """Say whether the index that the settings name can be asked."""
    try:
        return answering(open_index(setting, bundle))
    except CommandError as error:
        return wrong("index", str(error), "set IMAGESEARCH_INDEX as docs/scaling.md says")
