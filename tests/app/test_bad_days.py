"""What a machine, or somebody at it, does to a real server: it goes on, or says why it cannot."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from model.bundle import MANIFEST, open_bundle
from tests import drawing
from tests.app import bad_places
from tests.app.changing import BEARER, TOKEN, Site, picture
from tests.app.conftest import ROOT
from tests.app.test_server import Server

# Each process of a server looks once a second whether there is another generation.
LOOKED = 1.2


@contextmanager
def serving(bundle: Path, before: Sequence[str] = (), **settings: str) -> Iterator[Server]:
    server = Server(bundle, before=before, TOKEN=TOKEN, **settings)
    try:
        yield server
    finally:
        server.stop()


def finds(server: Server, content: bytes) -> int:
    """Search with a picture of the gallery, which must find itself; return how many there are."""
    status, body = server.ask("POST", "/api/v1/search?limit=1", content)
    assert status == 200, body
    found: Any = json.loads(body)
    assert found["matches"][0]["distance"] < 1e-5
    return int(found["searched"])


def all_find(server: Server, content: bytes, count: int) -> bool:
    """Say whether each of a dozen answers, from either worker, is whole."""
    try:
        return {finds(server, content) for _ in range(12)} == {count}
    except (AssertionError, http.client.HTTPException, ConnectionError):
        return False


def add(server: Server, seed: int = 0) -> tuple[int, Any]:
    status, body = server.ask("POST", "/api/v1/images", picture(seed), BEARER)
    return status, json.loads(body)


def kill_one(server: Server) -> None:
    """Kill a worker, and wait until there are as many again."""
    before = both(server)
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(server.workers() - {min(before)}) == len(before))


def both(server: Server) -> set[int]:
    """Return the two workers, when there are two."""
    until(lambda: len(server.workers()) == 2)
    return server.workers()


def show_pages(server: Server) -> None:
    for path in ["/", "/browse", "/about"] * 6:
        assert server.ask("GET", path)[0] == 200


def handles(workers: set[int]) -> int:
    """Return how many files and connections are open in the worker that has most of them."""
    return max(len(list(Path(f"/proc/{worker}/fd").iterdir())) for worker in workers)


def until(true: Callable[[], object]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    pytest.fail("It did not come to be within a minute.")


def inside(site: Site) -> bytes:
    """Return a picture of the gallery."""
    return (site.folder / "arch" / "00.jpg").read_bytes()


def test_on_a_full_disk_all_is_found_and_nothing_is_lost(changeable: Site) -> None:
    place = changeable.bundle.parent
    with serving(changeable.bundle, bad_places.small_disk(place, 96), METRICS="true") as server:
        there = bad_places.seen_by(server.process.pid, place)
        for full in (there, bad_places.seen_by(server.process.pid, Path("/dev/shm"))):
            with suppress(OSError), (full / "filler").open("wb", buffering=0) as filler:
                while filler.write(bytes(1 << 16)):
                    pass
        status, told = add(server)
        assert (status, told["title"]) == (503, "The gallery cannot be changed now")
        assert not list((there / "pictures").rglob("picture-*"))
        kill_one(server)
        assert finds(server, inside(changeable)) == 8
        assert server.ask("GET", "/readyz")[0] == server.ask("GET", "/metrics")[0] == 200
        (there / "filler").unlink()
        assert add(server)[0] == 201
        time.sleep(LOOKED)
        assert finds(server, picture()) == 9
        shutil.copytree(there / "bundle", place / "copy")  # SQLite opens nothing below /proc
    assert len(list(open_bundle(place / "copy").gallery.every())) == 9


def test_from_a_read_only_disk_all_is_found_and_a_change_is_told_why_not(changeable: Site) -> None:
    with serving(changeable.bundle, bad_places.read_only(changeable.bundle.parent)) as server:
        assert finds(server, inside(changeable)) == 8
        assert server.ask("GET", "/readyz")[0] == 200
        status, told = add(server)
        assert (status, told["title"]) == (503, "The gallery cannot be changed now")
        kill_one(server)
        assert finds(server, inside(changeable)) == 8


def test_without_shared_memory_it_serves_measures_and_replaces_workers(
    changeable: Site, tmp_path: Path
) -> None:
    before = bad_places.without_shared_memory(tmp_path / "dev")
    with serving(changeable.bundle, before, METRICS="true") as server:
        assert not bad_places.seen_by(server.process.pid, Path("/dev/shm")).exists()
        kill_one(server)
        assert finds(server, inside(changeable)) == 8
        assert b"imagesearch_requests_total" in server.ask("GET", "/metrics")[1]


@pytest.mark.parametrize("seconds", [-86_400, 86_400])
def test_a_clock_that_is_set_stops_nobody_and_hides_no_new_bundle(
    seconds: int, changeable: Site, tmp_path: Path
) -> None:
    before = bad_places.other_clock(tmp_path / "other")
    with serving(changeable.bundle, before) as server:
        assert finds(server, inside(changeable)) == 8
        workers = both(server)
        (tmp_path / "other" / "clock").write_text(str(seconds))
        drawing.draw("arch", 77).save(changeable.folder / "new.png")
        index = [sys.executable, "-m", "model", "index", str(changeable.folder), "--bundle"]
        subprocess.run([*before, *index, str(changeable.bundle)], cwd=ROOT, check=True)
        until(lambda: finds(server, inside(changeable)) == 9)
        assert add(server)[0] == 201
        time.sleep(LOOKED)
        assert finds(server, picture()) == 10
        assert server.workers() == workers


def test_with_64_handles_idle_visitors_keep_nobody_out_and_no_worker_ends(changeable: Site) -> None:
    with serving(changeable.bundle, bad_places.few_handles(64)) as server, ExitStack() as stack:
        workers = both(server)
        for _ in range(24):  # more than are let in
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
        assert finds(server, inside(changeable)) == 8
        for seed in range(3):  # each generation has files of its own
            assert add(server, seed)[0] == 201
            time.sleep(LOOKED)
            assert finds(server, picture(seed)) == 9 + seed
        assert server.workers() == workers


def test_what_was_replaced_is_closed_though_pages_were_made_of_it(changeable: Site) -> None:
    with serving(changeable.bundle) as server:
        workers = both(server)
        show_pages(server)
        before = handles(workers)
        for seed in range(6):
            assert add(server, seed)[0] == 201
            time.sleep(LOOKED)
            show_pages(server)
        for _ in range(2):  # a process looks when it is asked something
            time.sleep(LOOKED)
            show_pages(server)
        assert handles(workers) < before + 7  # one generation has eight
        assert server.workers() == workers


def test_with_256_megabytes_small_pictures_are_found_and_a_large_one_hurts_nobody_else(
    changeable: Site,
) -> None:
    large = drawing.encoded(drawing.draw("arch", 5).resize((9000, 5000)).convert("RGBA"), "PNG")
    with (
        bad_places.little_memory(256) as before,
        serving(changeable.bundle, before, ENCODES="1") as server,
    ):
        workers = both(server)
        assert {finds(server, inside(changeable)) for _ in range(20)} == {8}
        assert server.workers() == workers
        # The kernel kills what has most: the process that decodes it, and nobody who answers.
        status, _ = server.ask("POST", "/api/v1/search", large)
        assert status in {413, 422}
        assert {finds(server, inside(changeable)) for _ in range(20)} == {8}
        assert server.workers() == workers


def test_a_bundle_that_is_deleted_is_told_to_be_away_and_found_again(
    changeable: Site, tmp_path: Path
) -> None:
    names = [record.id for record in changeable.records()]
    with serving(changeable.bundle) as server:
        assert finds(server, inside(changeable)) == 8
        changeable.bundle.rename(tmp_path / "aside")
        time.sleep(LOOKED)
        assert server.ask("GET", "/readyz")[0] == 503
        # Who has the records open answers on, others say when to come again.
        answers = [server.ask("POST", "/api/v1/search", inside(changeable)) for _ in range(8)]
        assert {status for status, _ in answers} <= {200, 503}
        pages = [server.ask("GET", path)[0] for path in ("/browse", f"/images/{names[0]}") * 4]
        assert set(pages) <= {200, 503}
        shown = [server.ask("GET", f"/images/{name}/small.webp")[0] for name in names]
        assert set(shown) == {503}
        (tmp_path / "aside").rename(changeable.bundle)
        until(lambda: server.ask("GET", "/readyz")[0] == 200)
        assert finds(server, inside(changeable)) == 8


@pytest.mark.parametrize("part", [0.0, 0.5])
@pytest.mark.parametrize("role", ["embeddings", "records", "encoder"])
def test_a_bundle_that_is_copied_over_the_one_that_is_served_hurts_nobody_for_long(
    changeable: Site, tmp_path: Path, role: str, part: float
) -> None:
    """Whoever copies files over one another cuts what is mapped: SIGBUS, where it is read then."""
    served = Path(shutil.copytree(changeable.bundle, tmp_path / "served"))
    cut = served / open_bundle(served).manifest.files[role].name
    whole = cut.read_bytes()
    with serving(served) as server:
        assert finds(server, inside(changeable)) == 8
        cut.write_bytes(whole[: int(part * len(whole))])
        for _ in range(8):
            with suppress(http.client.HTTPException, ConnectionError):
                assert server.ask("POST", "/api/v1/search", inside(changeable))[0] in {
                    200,
                    500,
                    503,
                }
        shutil.copytree(changeable.bundle, served, dirs_exist_ok=True)
        until(lambda: all_find(server, inside(changeable), 8))


def test_a_worker_that_starts_on_half_an_encoder_does_not_end_the_server(
    changeable: Site, tmp_path: Path
) -> None:
    served = Path(shutil.copytree(changeable.bundle, tmp_path / "served"))
    encoder = served / open_bundle(served).manifest.files["encoder"].name
    whole = encoder.read_bytes()
    with serving(served) as server:
        both(server)
        encoder.write_bytes(b"")
        kill_one(server)
        time.sleep(LOOKED)
        assert server.process.poll() is None
        encoder.write_bytes(whole)
        until(lambda: all_find(server, inside(changeable), 8))


@pytest.mark.parametrize("role", ["records", "thumbnails"])
def test_half_of_a_new_bundle_is_not_served_and_the_whole_is(
    changeable: Site, tmp_path: Path, role: str
) -> None:
    served = Path(shutil.copytree(changeable.bundle, tmp_path / "served"))
    before = {path.name for path in served.iterdir()}
    drawing.draw("arch", 77).save(changeable.folder / "new.png")
    assert changeable.index().indexed == 1
    files = open_bundle(changeable.bundle).manifest.files
    late = next(
        file.name
        for each, file in files.items()
        if each.startswith(role) and file.name not in before
    )
    new = {path.name for path in changeable.bundle.glob("[!.]*")} - {late}
    with serving(served) as server:
        for name in sorted(new - before):
            shutil.copyfile(changeable.bundle / name, served / name)
        shutil.copyfile(changeable.bundle / MANIFEST, served / MANIFEST)
        whole = (changeable.bundle / late).read_bytes()
        for part in (b"", whole[: len(whole) // 2]):
            (served / late).write_bytes(part)
            time.sleep(LOOKED)
            assert {finds(server, inside(changeable)) for _ in range(4)} == {8}
        (served / late).write_bytes(whole)
        until(lambda: finds(server, inside(changeable)) == 9)


def test_two_servers_change_one_bundle_and_neither_loses_anything(changeable: Site) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(changeable.bundle, WAIT="30")) for _ in range(2)]
        with ThreadPoolExecutor(2) as visitors:
            added = list(visitors.map(add, servers * 3, range(6)))
        assert [status for status, _ in added] == [201] * 6
        for server in servers:
            time.sleep(LOOKED)
            assert {finds(server, picture(seed)) for seed in range(6)} == {14}
    assert len(list(open_bundle(changeable.bundle).gallery.every())) == 14
    assert changeable.index().indexed == 0


def test_told_to_stop_in_the_middle_of_uploads_it_finishes_all_of_them(changeable: Site) -> None:
    ways = [("/api/v1/search", inside(changeable))] * 4
    ways += [("/api/v1/images", picture(seed)) for seed in range(2)]
    with serving(changeable.bundle, WAIT="30") as server:
        both(server)
        assert finds(server, inside(changeable)) == 8
        sending = [begin(server, path, content) for path, content in ways]
        time.sleep(0.5)
        server.process.terminate()
        time.sleep(0.5)
        with ThreadPoolExecutor(len(ways)) as senders:
            answers = list(senders.map(finish, sending, [content for _, content in ways]))
        assert server.process.wait(timeout=30) == 0
    assert answers == [b"HTTP/1.1 200"] * 4 + [b"HTTP/1.1 201"] * 2
    assert len(list(open_bundle(changeable.bundle).gallery.every())) == 10


def begin(server: Server, path: str, content: bytes) -> socket.socket:
    """Send a request without the second half of its body."""
    sending = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Type: image/jpeg\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    sending.sendall(head.encode() + content[: len(content) // 2])
    return sending


def finish(sending: socket.socket, content: bytes) -> bytes:
    """Send the other half; return the status line's beginning."""
    with sending:
        sending.sendall(content[len(content) // 2 :])
        return b"".join(iter(lambda: sending.recv(65536), b""))[:12]
