"""An object store in trouble: what is wrong is told, and nothing is lost."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from model.bundle import generation, open_bundle
from tests import drawing
from tests.app import bad_places
from tests.conftest import ROOT
from tests.objects.conftest import Index
from tests.objects.store import BUCKET, ELSEWHERE, LISTER, Answer, Asked, Between, Lost, Store
from tests.objects.test_index import drawn

# What is told otherwise, and what is said of it.
WRONG = {
    "a wrong secret": ({"AWS_SECRET_ACCESS_KEY": "another"}, "does not accept the credentials"),
    "an unknown key": ({"AWS_ACCESS_KEY_ID": "NOBODY"}, "does not accept the credentials"),
    "no credentials": ({"AWS_ACCESS_KEY_ID": ""}, "There are no credentials for s3://photos: set"),
    "nobody there": ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "127.0.0.1:1 does not answer"),
    "no address": ({"AWS_ENDPOINT_URL": "a roof"}, "AWS_ENDPOINT_URL is no address"),
}
ADDRESSES = {
    "s3://no-such-bucket/x": "There is no bucket no-such-bucket at http://127.0.0.1",
    "s3://photos/none/below": "There is no picture in s3://photos/none/below",
    "s3://": "An object store is told as s3://BUCKET",
    f"s3://{'x' * 300}": "cannot be the name of a bucket",
}


@pytest.fixture
def eight(store: Store, prefix: str) -> str:
    """Put eight pictures below the prefix, and return it."""
    for number in range(8):
        store.put(f"{prefix}/{number}.png", drawn(number, (320, 240)))
    return prefix


@pytest.mark.parametrize(("told", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_told_wrongly_is_a_sentence(
    index: Index, monkeypatch: pytest.MonkeyPatch, told: dict[str, str], sentence: str
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    if told == {"AWS_ACCESS_KEY_ID": ""}:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    status, _, said = index()
    assert status == 1
    assert sentence in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(("address", "sentence"), ADDRESSES.items())
def test_an_address_where_nothing_is(index: Index, address: str, sentence: str) -> None:
    status, _, said = index(place=address)
    assert status == 1
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_a_server_that_is_no_store_and_one_with_a_certificate_that_nobody_knows(
    index: Index, way: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page(_: Asked, answer: Answer) -> None:
        answer.status, answer.body = 200, b"<html><p>Welcome"

    way.after = page
    assert "is no object store, or is in trouble" in index()[2]
    monkeypatch.setenv("AWS_ENDPOINT_URL", way.address.replace("http:", "https:"))
    assert "The certificate of https://127.0.0.1" in index()[2]


def test_who_may_list_but_not_read(
    eight: str, store: Store, bundle: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index()
    before = generation(bundle)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", LISTER)
    assert "8 unchanged." in index()[1]
    status, _, said = index(place=f"s3://{ELSEWHERE}")
    assert status == 1
    assert f"The credentials may not list s3://{ELSEWHERE}" in said
    store.put(f"{eight}/new.png", drawn(8))
    status, told, said = index()
    assert status == 3
    assert "new.png: It cannot be read: the credentials may not." in said
    assert "8 unchanged, 1 unreadable." in told
    assert generation(bundle) == before


@pytest.mark.usefixtures("eight")
def test_a_connection_that_is_lost_is_taken_up_and_what_is_always_lost_is_told(
    index: Index, way: Between
) -> None:
    lost: list[str] = []

    def cut(asked: Asked, answer: Answer) -> None:
        if asked.path.endswith("/2.png") and not lost:
            lost.append(asked.path)
            answer.cut = len(answer.body) // 2
        if asked.path.endswith("/5.png"):
            answer.cut = 0

    way.after = cut
    status, told, said = index()
    assert status == 3
    assert "5.png: It changed, or the connection was lost, each time it was read" in said
    assert "7 new or changed, 1 unreadable." in told
    again = [each.headers.get("Range") for each in way.asked if each.path.endswith("/2.png")]
    assert again == [None, f"bytes={len(drawn(2, (320, 240))) // 2}-"]
    way.after = lambda *_: None
    assert "1 new or changed, 7 unchanged." in index()[1]


def test_an_object_that_changes_while_it_is_read_is_taken_as_one_of_the_two(
    eight: str, store: Store, bundle: Path, index: Index, way: Between
) -> None:
    after = drawn(50, (320, 240))
    seen: list[str] = []

    def cut(asked: Asked, answer: Answer) -> None:
        if asked.path.endswith("/2.png") and not seen:
            seen.append(asked.path)
            answer.cut = len(answer.body) // 2
            store.put(f"{eight}/2.png", after)

    way.after = cut
    assert "8 new or changed." in index()[1]
    record = open_bundle(bundle).gallery.find_path("2.png")
    assert record is not None
    assert record.bytes == len(after)
    assert "8 unchanged." in index()[1]


def test_what_vanishes_meanwhile_is_gone_and_what_the_store_cannot_give_is_told(
    eight: str, store: Store, index: Index, way: Between
) -> None:
    def vanish(asked: Asked) -> None:
        if asked.path.endswith("/0.png"):
            store.delete(f"{eight}/1.png")

    def fail(asked: Asked, answer: Answer) -> None:
        told = {"4.png": (500, "InternalError"), "6.png": (403, "InvalidObjectState")}
        if found := told.get(asked.path.rpartition("/")[2]):
            answer.status, answer.headers = found[0], {}  # no checksum of the picture comes along
            answer.body = f"<Error><Code>{found[1]}</Code></Error>".encode()

    way.before, way.after = vanish, fail
    status, told, said = index()
    assert status == 3
    assert "4.png: It cannot be read: the object store answers InternalError." in said
    assert "6.png: It lies in an archive" in said
    assert "1.png" not in said
    assert "5 new or changed, 2 unreadable." in told


def test_a_bucket_that_vanishes_in_the_middle_changes_nothing(
    store: Store, bundle: Path, index: Index, way: Between
) -> None:
    store.client.create_bucket(Bucket="brief")
    for number in range(3):
        store.put(f"{number}.png", drawn(number), "brief")
    assert "3 new or changed." in index(place="s3://brief")[1]
    before = generation(bundle)
    store.put("3.png", drawn(3), "brief")
    store.put("4.png", drawn(4), "brief")

    def vanish(asked: Asked) -> None:
        if asked.path == "/brief/4.png":
            for number in range(5):
                store.delete(f"{number}.png", "brief")
            store.client.delete_bucket(Bucket="brief")

    way.before = vanish
    status, _, said = index(place="s3://brief")
    assert status == 1
    assert "There is no bucket brief" in said
    assert generation(bundle) == before


def test_keys_that_no_file_has(eight: str, index: Index, way: Between, bundle: Path) -> None:
    """SeaweedFS takes no such keys, so they are put into what it lists."""

    def add(asked: Asked, answer: Answer) -> None:
        if "list-type" not in asked.query:
            return
        found = re.search(rb"<Contents>.*?0\.png.*?</Contents>", answer.body, re.DOTALL)
        assert found is not None
        key = f"{eight}/0.png".encode()
        more = b"".join(
            found[0].replace(key, f"{eight}/{odd}".encode())
            for odd in ("caf%E9.png", "a//b.png", "..//0.png", "no+picture.png")
        )
        answer.body = answer.body.replace(found[0], found[0] + more)

    way.after = add
    status, told, said = index()
    assert status == 3
    assert "caf\\xe9.png: Its key is not UTF-8" in said
    assert "8 new or changed, 1 unreadable." in told
    assert {f"/{BUCKET}/{eight}/a//b.png", f"/{BUCKET}/{eight}/no picture.png"} <= {
        each.path for each in way.asked
    }
    assert open_bundle(bundle).gallery.count == 8


@pytest.mark.usefixtures("eight")
def test_a_listing_that_breaks_off_is_no_reason_to_drop_pictures(
    index: Index, way: Between, bundle: Path
) -> None:
    index()
    before = generation(bundle)

    def shorten(asked: Asked, answer: Answer) -> None:
        if "list-type" in asked.query:
            answer.body = re.sub(rb"<Contents>.*</Contents>", b"", answer.body, flags=re.DOTALL)
            answer.body = answer.body.replace(b">false</IsTruncated>", b">true</IsTruncated>")

    way.after = shorten
    status, _, said = index()
    assert status == 1
    assert "tells only a part" in said

    def go_on(asked: Asked, answer: Answer) -> None:
        if "list-type" in asked.query:
            told = b">true</IsTruncated><NextContinuationToken>2</NextContinuationToken>"
            answer.body = answer.body.replace(b">false</IsTruncated>", told)

    def lose(asked: Asked) -> None:
        if "continuation-token" in asked.query:
            raise Lost

    way.before, way.after = lose, go_on
    status, _, said = index()
    assert status == 1
    assert "does not answer" in said
    assert generation(bundle) == before


def test_a_full_folder_for_temporary_files_is_told_and_the_next_run_goes_on(
    eight: str, store: Store, bundle: Path, index: Index, tmp_path: Path
) -> None:
    place = tmp_path / "full"
    place.mkdir()
    index()
    before = generation(bundle)
    store.put(f"{eight}/x08.bmp", _bitmap(8, (320, 240)))
    command = [sys.executable, "-m", "model", "index", f"s3://{BUCKET}/{eight}"]
    command += ["--bundle", str(bundle), "--jobs", "1"]
    # Full within the one piece that an object comes in, then before the last of two.
    for number, size, kilobytes in ((9, (500, 400), 512), (10, (800, 600), 700)):
        store.put(f"{eight}/x{number:02}.bmp", _bitmap(number, size))
        small = bad_places.mounted(f"mount -t tmpfs -o size={kilobytes}k none {place}")
        done = subprocess.run(
            [*small, "env", f"TMPDIR={place}", *command],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert f"index: {place}, where objects lie while they are read, cannot" in done.stderr
        assert "written: No space left on device. TMPDIR names another place." in done.stderr
        assert "Traceback" not in done.stderr
        assert generation(bundle) == before
    status, told, said = index()
    assert "2 pictures were encoded by a run that did not end: kept." in said
    assert (status, "3 new or changed, 8 unchanged." in told) == (0, True)


def _bitmap(number: int, size: tuple[int, int]) -> bytes:
    return drawing.encoded(drawing.textured("arch", number, size), "BMP")
