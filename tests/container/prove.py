"""Builds the image, runs it as compose.yaml does, and proves what docs/operating.md says of it.

    python3 tests/container/prove.py
    python3 tests/container/prove.py --engine podman --build="--format docker" --base localhost/base

It builds what is committed, needs Docker or Podman and git, ends with the first thing that is
wrong, and prints the figures of the documentation otherwise.
"""

import argparse
import http.client
import json
import os
import shlex
import shutil
import struct
import subprocess
import tempfile
import time
import urllib.request
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent
NAME: Final = "imagesearch-proof"
# What compose.yaml says, as options of `run`.
LIMITS: Final = shlex.split(
    "--user 10001:10001 --read-only --tmpfs /tmp:size=64m,mode=1777 --cap-drop ALL"
    " --security-opt no-new-privileges:true --memory 1g --cpus 2 --pids-limit 128"
    " --env IMAGESEARCH_ENCODES=1"
)
LARGEST: Final = 8000, 4000  # of 16 bits, about what the memory of its process allows
NEVER_SHIPPED: Final = ("gcc", "cc", "c++", "ld", "make")
READY_SECONDS: Final = 20.0
SEARCHES: Final = 100


def main() -> None:
    """Prove one thing after another."""
    proof = Proof(_options())
    with tempfile.TemporaryDirectory() as folder:
        proof.build(Path(folder) / "clone")
        proof.serves_within_its_limits()
        proof.serves_another_bundle(Path(folder))
    print("The container does what docs/operating.md says.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", default="docker", help="docker or podman, with its options")
    parser.add_argument("--base", help="the base image (default: the Dockerfile's)")
    parser.add_argument("--build", default="", help="more options of the engine's `build`")
    parser.add_argument("--run", default="", help="more options of the engine's `run`")
    parser.add_argument("--network", help="host, where the engine can publish no port")
    parser.add_argument("--port", type=int, default=8123, help="a free port")
    return parser.parse_args()


class Proof:
    """One engine and one image. Every method fails with AssertionError or the engine's error."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._engine = shlex.split(options.engine)
        self._base = ["--build-arg", f"BASE={options.base}"] if options.base else []
        self._build, self._run = shlex.split(options.build), shlex.split(options.run)
        self._network: str | None = options.network
        self._port: int = options.port
        self._address = f"http://127.0.0.1:{options.port}"

    def build(self, clone: Path) -> None:
        """Build from a clean clone whose files nobody else may read."""
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True, umask=0o077)
        self._ask("build", *self._build, *self._base, "--tag", NAME, str(clone))

    def serves_within_its_limits(self) -> None:
        """Start, search, measure and stop within what compose.yaml allows."""
        with self._running(network=self._network):
            self._holds_no_tools()
            self._tells_what_is_in_it()
            self._is_confined()
            _tell("memory, idle", self._memory())
            self._answers()
            gallery = [path.read_bytes() for path in sorted((ROOT / "gallery").glob("*.webp"))]
            sent = [gallery[number % len(gallery)] for number in range(SEARCHES)]
            assert self._searches(sent) == {200}
            _tell(f"memory, after {SEARCHES} searches", self._memory())
            assert 200 in self._searches([_grey(*LARGEST)] * 8) <= {200, 503}
            _tell("memory, after the largest", self._memory())
            _tell("threads of each process", f"{self._threads()}")
            self._sizes()
            self._stops()

    def serves_another_bundle(self, folder: Path) -> None:
        """Make a bundle with the image itself, serve it without a network, and break it."""
        photos, bundle = folder / "photos", folder / "bundle"
        for made in (photos, bundle):
            made.mkdir()
        for picture in sorted((ROOT / "gallery").glob("*.webp"))[:12]:
            shutil.copy(picture, photos)
        self._index(photos, bundle)
        volume = f"{bundle}:/srv/model/bundle:ro"
        with self._running("--volume", volume, network="none"):
            code = f"import urllib.request as u; print(u.urlopen('{self._address}/readyz').read())"
            assert '"pictures":12' in self._ask("exec", NAME, "python", "-c", code)
            assert self._health() == 0
            next(bundle.glob("thumbnails-*")).unlink()
            assert self._health() == 1

    def _index(self, photos: Path, bundle: Path) -> None:
        volumes = ["--volume", f"{photos}:/photos:ro", "--volume", f"{bundle}:/bundle"]
        given = shlex.split(f"--rm --network none --user {os.getuid()}:{os.getgid()}")
        index = shlex.split("python -m model index /photos --model model/bundle --bundle /bundle")
        done = self._ask("run", *self._run, *given, *volumes, NAME, *index)
        _tell("indexed by the image", done.strip())

    @contextmanager
    def _running(self, *options: str, network: str | None) -> Iterator[None]:
        """Run the image within LIMITS until it is healthy; remove it in the end."""
        published = ["--publish", f"127.0.0.1:{self._port}:{self._port}"]
        options += ("--env", f"IMAGESEARCH_PORT={self._port}")
        options += tuple(["--network", network] if network else published)
        began = time.monotonic()
        self._ask("run", "--detach", "--name", NAME, *LIMITS, *self._run, *options, NAME)
        try:
            while self._health() != 0:
                assert time.monotonic() - began < READY_SECONDS, self._ask("logs", NAME)
            _tell("ready after", f"{time.monotonic() - began:.1f} s")
            yield
        finally:
            with suppress(subprocess.CalledProcessError):
                self._ask("rm", "--force", NAME)

    def _holds_no_tools(self) -> None:
        assert self._status("exec", NAME, "python", "-c", "import pip") == 1
        for tool in NEVER_SHIPPED:
            assert self._status("exec", NAME, "sh", "-c", f"command -v {tool}") != 0, tool

    def _tells_what_is_in_it(self) -> None:
        bill = json.loads(self._ask("exec", NAME, "cat", "sbom.cdx.json"))
        names = {component["name"].lower() for component in bill["components"]}
        assert names >= {"flask", "numpy", "pillow"}, names
        assert not names & {"pip", "cyclonedx-bom"}, names

    def _is_confined(self) -> None:
        limits = json.loads(self._ask("container", "inspect", NAME))[0]["HostConfig"]
        told = limits["Memory"], limits["NanoCpus"], limits["PidsLimit"]
        assert told == (2**30, 2 * 10**9, 128), told
        status = self._ask("exec", NAME, "cat", "/proc/1/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert fields["Uid"].split() == ["10001"] * 4
        assert {int(fields[f"Cap{kind}"], 16) for kind in ("Prm", "Eff", "Bnd", "Amb")} == {0}
        assert fields["NoNewPrivs"] == "1"
        mounts = self._ask("exec", NAME, "cat", "/proc/1/mounts").splitlines()
        root = next(line.split() for line in mounts if line.split()[1] == "/")
        assert "ro" in root[3].split(","), root

    def _answers(self) -> None:
        picture = next((ROOT / "gallery").glob("*.webp"))
        client = ["sh", str(ROOT / "docs/clients/search.sh"), self._address, str(picture)]
        found = json.loads(subprocess.run(client, check=True, capture_output=True).stdout)
        assert found["matches"][0]["distance"] < 1e-5
        with urllib.request.urlopen(self._address + found["matches"][0]["page"]) as page:
            assert b"<html" in page.read()

    def _stops(self) -> None:
        began = time.monotonic()
        self._ask("stop", "-t", "35", NAME)
        _tell("stopped after", f"{time.monotonic() - began:.1f} s")
        state = json.loads(self._ask("container", "inspect", NAME))[0]["State"]
        assert (state["ExitCode"], state["OOMKilled"]) == (0, False)
        logs = subprocess.run([*self._engine, "logs", NAME], check=True, capture_output=True)
        written = (logs.stdout + logs.stderr).decode().lower()
        assert "answers at" in written
        assert "error" not in written, written

    def _searches(self, pictures: list[bytes]) -> set[int]:
        """Search with all of them, four at a time, and return the statuses of the answers."""

        def search(picture: bytes) -> int:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            with closing(connection):
                connection.request("POST", "/api/v1/search", picture)
                return connection.getresponse().status

        with ThreadPoolExecutor(4) as visitors:
            return set(visitors.map(search, pictures))

    def _memory(self) -> str:
        """Return the proportional and the summed resident memory of the server's processes."""
        lines = [line.split() for line in self._of_each_process("smaps_rollup").splitlines()]
        pss, rss = (
            sum(int(words[1]) for words in lines if words[0] == kind) * 1024 / 1e6
            for kind in ("Pss:", "Rss:")
        )
        return f"{pss:.0f} MB proportional ({rss:.0f} MB if shared pages count once a process)"

    def _threads(self) -> list[int]:
        """Return how many threads each process of the server has."""
        lines = self._of_each_process("status").splitlines()
        return [int(line.split()[1]) for line in lines if line.startswith("Threads:")]

    def _of_each_process(self, file: str) -> str:
        family = "1 $(cat /proc/1/task/1/children)"
        read = f"for pid in {family}; do cat /proc/$pid/{file}; done"
        return self._ask("exec", NAME, "sh", "-c", read)

    def _health(self) -> int:
        """Return the exit status of the image's own health check."""
        found = self._inspect()
        check = found.get("Healthcheck") or found["Config"]["Healthcheck"]  # Podman's, Docker's
        assert check["Test"][0] == "CMD"
        return self._status("exec", NAME, *check["Test"][1:])

    def _sizes(self) -> None:
        """Print the size of the image, of what we put on the base, and of the largest packages."""
        total, ours = int(self._inspect()["Size"]), self._bytes("/opt/imagesearch /srv")
        _tell("image", f"{total / 1e6:.0f} MB")
        _tell("its base", f"{(total - sum(ours.values())) / 1e6:.0f} MB")
        packages = self._bytes("/opt/imagesearch/lib/python3*/site-packages/*")
        largest = dict(sorted(packages.items(), key=lambda item: -item[1])[:6])
        for path, size in (ours | self._bytes("/srv/model/bundle/*") | largest).items():
            _tell(f"  {path}", f"{size / 1e6:.1f} MB")

    def _bytes(self, paths: str) -> dict[str, int]:
        """Return the bytes in each path of the running container."""
        lines = self._ask("exec", NAME, "sh", "-c", f"du -sb {paths}").splitlines()
        return {path: int(size) for size, path in (line.split("\t") for line in lines)}

    def _inspect(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._ask("image", "inspect", NAME))[0]
        return found

    def _ask(self, *arguments: str) -> str:
        """Run the engine and return what it printed; whatever it complains about is shown."""
        done = subprocess.run(
            [*self._engine, *arguments], check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def _status(self, *arguments: str) -> int:
        command = [*self._engine, *arguments]
        return subprocess.run(command, check=False, capture_output=True).returncode


def _grey(width: int, height: int) -> bytes:
    """Return a PNG of 16-bit grey, the small file that takes the most memory to decode."""
    header = struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(range(250)) * (width // 125)) * height, 1)
    parts = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _tell(what: str, figure: str) -> None:
    print(f"{what:28} {figure}", flush=True)


if __name__ == "__main__":
    main()
