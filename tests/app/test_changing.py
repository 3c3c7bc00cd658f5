"""The gallery is changed by whoever knows the token, through the interface for programs."""

import hashlib
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from model.assembling import IndexingError
from model.bundle import open_bundle
from model.encoder import Encoder
from model.entries import Entry, Job, encode
from model.folders import File
from model.journal import Journal
from model.locking import holding
from model.origins import Folder
from tests import carrying, drawing
from tests.app.changing import BEARER, TOKEN, Site, opened, picture
from tests.app.sending import MULTIPART, form
from tests.colliding import ONE, OTHER

KIND = "urn:imagesearch:problem:"


def post(site: Site, *files: tuple[str, bytes], **fields: str) -> Any:
    """Send pictures as a form."""
    return site.client.post(
        "/api/v1/images", data=form(*files, **fields), content_type=MULTIPART, headers=BEARER
    )


@pytest.fixture(scope="module")
def untouched(to_change: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a gallery that no test manages to change."""
    return opened(to_change, tmp_path_factory.mktemp("untouched"), PIXELS=480 * 320)


def test_without_a_token_there_is_nothing_of_it(to_change: Path) -> None:
    for settings in ({}, {"TOKEN": ""}):
        app = create_app({"TESTING": True, "BUNDLE": str(to_change / "bundle"), **settings})
        client: Any = app.test_client()
        identifier = client.get("/api/v1/images").json["images"][0]["id"]
        for method, path in (
            ("POST", "/api/v1/images"),
            ("PATCH", f"/api/v1/images/{identifier}"),
            ("DELETE", f"/api/v1/images/{identifier}"),
        ):
            answer = client.open(path, method=method, data=picture(), headers=BEARER)
            assert answer.status_code == 405
            assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        for path in ("/upload", f"/images/{identifier}/edit"):
            assert client.get(path).status_code == client.post(path).status_code == 404
        for path in ("/browse", f"/images/{identifier}", "/api", "/api/v1/openapi.json"):
            assert not re.search("upload|/edit|[Tt]oken", client.get(path).text)


@pytest.mark.parametrize(
    ("given", "challenge"),
    [
        ({}, 'Bearer realm="imagesearch"'),
        ({"Authorization": "Bearer "}, 'Bearer realm="imagesearch"'),
        ({"Authorization": "Basic YTpi"}, 'Bearer realm="imagesearch"'),
        (
            {"Authorization": f"Bearer {TOKEN}x"},
            'Bearer realm="imagesearch", error="invalid_token"',
        ),
        ({"Authorization": "Bearer ü"}, 'Bearer realm="imagesearch", error="invalid_token"'),
    ],
)
def test_who_has_not_the_token_changes_nothing(
    untouched: Site, given: dict[str, str], challenge: str, caplog: pytest.LogCaptureFixture
) -> None:
    before, files = untouched.generation(), untouched.files()
    identifier = untouched.records()[0].id
    for method, path in (
        ("POST", "/api/v1/images"),
        ("PATCH", f"/api/v1/images/{identifier}"),
        ("DELETE", f"/api/v1/images/{identifier}"),
    ):
        answer = untouched.client.open(path, method=method, data=picture(), headers=given)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"] == challenge
        assert answer.headers["Cache-Control"] == "no-store"
    assert (untouched.generation(), untouched.files()) == (before, files)
    assert ("wrong token" in caplog.text) is ("error" in challenge)
    assert TOKEN not in caplog.text


def test_a_picture_is_added_found_and_stays(changeable: Site) -> None:
    content, before = picture(), changeable.generation()
    answer = changeable.client.post(
        "/api/v1/images", data=content, headers=BEARER,
        query_string={"title": "The  new\none", "tags": "fog, stone,fog", "date": "2024-05-31"},
        content_type="application/x-www-form-urlencoded",  # as curl --data-binary says it
    )  # fmt: skip
    told = answer.json
    assert told
    (image,) = told["images"]
    assert (answer.status_code, answer.headers["Location"]) == (201, image["record"])
    assert (image["added"], image["title"]) == (True, "The new one")
    assert told["generation"] == changeable.generation() != before
    match = changeable.client.post("/api/v1/search?limit=1", data=content).json["matches"][0]
    assert (match["id"], match["copy"]) == (image["id"], "exact")
    record = changeable.client.get(image["record"]).json
    assert (record["tags"], record["date"]) == (["fog", "stone"], "2024-05-31")
    assert record["path"] == f"uploaded/picture-{image['id']}.jpg"
    assert changeable.files()[record["path"]] == content
    # For `index` all of that is as it should be.
    records = changeable.records()
    assert changeable.index().generation == ""
    (changeable.folder / "records.json").touch()
    assert changeable.index().generation == ""
    assert changeable.records() == records


def test_several_come_at_once_and_are_called_as_their_files(changeable: Site) -> None:
    names = ["../../an_old_bridge.jpg", "a new one.png", "", "\x1b[31m<b>red.jpg"]
    kinds = ["JPEG", "PNG", "WEBP", "GIF"]
    files = [(name, picture(seed, kinds[seed])) for seed, name in enumerate(names)]
    exif = carrying.exif_of({0x9C9B: "What the camera says".encode("utf-16-le")})
    files.append(("not_this.jpg", picture(9, exif=exif)))
    before = set(changeable.files())
    answer = post(changeable, *files, credit="Ada")
    assert answer.status_code == 201
    assert "Location" not in answer.headers
    images = answer.json["images"]
    titles = [image["title"] for image in images]
    assert titles[:2] == ["An old bridge", "A new one"]
    assert titles[3:] == ["[31m<b>red", "What the camera says"]
    assert {image["credit"] for image in images} == {"Ada"}
    new = sorted(set(changeable.files()) - before - {"uploaded/edits.json"})
    endings = zip(images, ["jpg", "png", "webp", "gif", "jpg"], strict=True)
    assert new == sorted(f"uploaded/picture-{image['id']}.{end}" for image, end in endings)
    page = changeable.client.get(images[3]["page"]).text
    assert "<b>red" not in page
    assert "&lt;b&gt;red" in page


def test_what_is_there_already_is_not_added_again(changeable: Site) -> None:
    first = changeable.add()
    before, files = changeable.generation(), changeable.files()
    old = changeable.folder / "arch" / "00.jpg"
    for content in (picture(), old.read_bytes()):
        answer = changeable.client.post("/api/v1/images?title=Other", data=content, headers=BEARER)
        assert answer.status_code == 200
        assert answer.json["generation"] == before
        assert [image["added"] for image in answer.json["images"]] == [False]
    answer = post(changeable, *(("a.jpg", picture(seed)) for seed in (0, 1, 1)))
    assert answer.status_code == 201
    assert [image["added"] for image in answer.json["images"]] == [False, True]
    assert answer.json["images"][0]["id"] == first
    assert len(changeable.files()) == len(files) + 2


def test_two_whose_hashes_begin_alike_are_two(changeable: Site) -> None:
    names = hashlib.sha256(ONE).hexdigest()[:12], hashlib.sha256(OTHER).hexdigest()[12:24]
    for content, identifier in zip((ONE, OTHER), names, strict=True):
        for status in (201, 200):
            answer = changeable.client.post("/api/v1/images", data=content, headers=BEARER)
            (image,) = answer.json["images"]
            assert (answer.status_code, image["id"]) == (status, identifier)
        found = changeable.client.post("/api/v1/search?limit=1", data=content).json["matches"]
        assert found[0]["id"] == identifier
        assert changeable.files()[f"uploaded/picture-{identifier}.png"] == content
    assert changeable.index().generation == ""
    for identifier in names:
        gone = changeable.client.delete(f"/api/v1/images/{identifier}", headers=BEARER)
        assert gone.status_code == 200


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"<script>alert(1)</script>", 415),
        (picture()[:3000], 422),
        (drawing.encoded(drawing.draw("arch", size=(481, 320)), "BMP"), 413),
        (picture(0, "GIF")[:6] + b"\xff" * 4 + picture(0, "GIF")[10:], 413),
    ],
    ids=["nothing", "no picture", "damaged", "too large", "hostile"],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_added(
    untouched: Site, content: bytes, status: int
) -> None:
    site = untouched
    small = drawing.encoded(drawing.draw("truss", 5, (90, 60)))
    before = site.generation(), site.files()
    raw = site.client.post("/api/v1/images", data=content, headers=BEARER)
    assert raw.status_code == status
    if content:
        both = post(site, ("a.jpg", small), ("b.jpg", content))
        assert both.json["detail"] == f"Picture 2 of 2: {raw.json['detail']}"
    assert (site.generation(), site.files()) == before


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": "x" * 201}, "title takes"),
        ({"date": "2024-02-30"}, "date"),
        ({"tags": ",".join(map(str, range(101)))}, "100 tags"),
    ],
)
def test_words_that_do_not_fit_are_refused(
    untouched: Site, fields: dict[str, str], sentence: str
) -> None:
    before = untouched.generation()
    answers = [
        untouched.client.post(
            "/api/v1/images", data=picture(), query_string=fields, headers=BEARER
        ),
        post(untouched, ("a.jpg", picture()), **fields),
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert sentence.split(maxsplit=1)[0] in answers[0].json["detail"] + answers[1].json["detail"]
    answer = post(untouched, *[("a.jpg", b"x")] * 101)
    assert (answer.status_code, "At most 100" in answer.text) == (422, True)
    assert untouched.generation() == before


def change(site: Site, identifier: str, told: object, status: int = 200) -> Any:
    body = told if isinstance(told, bytes) else json.dumps(told)
    answer = site.client.patch(f"/api/v1/images/{identifier}", data=body, headers=BEARER)
    assert answer.status_code == status, answer.text
    return answer.json


def test_what_is_told_of_any_picture_can_be_changed_and_taken_back(changeable: Site) -> None:
    record = next(each for each in changeable.records() if each.path == "beam/00.jpg")
    told = {"title": "Changed", "group": "one", "alt": "Seen", "tags": ["new", "new", "words"]}
    before = changeable.generation()
    answer = change(changeable, record.id, told)
    assert answer["generation"] == changeable.generation() != before
    assert (answer["title"], answer["group"], answer["tags"]) == (
        "Changed",
        "one",
        ["new", "words"],
    )
    assert answer["details"] == {"season": "winter"}
    page = changeable.client.get(f"/images/{record.id}").text
    assert "<h1>Changed</h1>" in page
    assert record.id in changeable.client.get("/browse?tag=words").text
    assert changeable.index().generation == ""
    assert change(changeable, record.id, {"tags": []})["tags"] == []
    taken = change(changeable, record.id, dict.fromkeys(told))
    assert (taken["title"], taken["tags"]) == ("Told beside it", ["beam"])
    assert "beam/edits.json" not in changeable.files()
    assert changeable.index().generation == ""


def test_a_change_that_changes_nothing_makes_no_generation(
    changeable: Site, caplog: pytest.LogCaptureFixture
) -> None:
    identifier = changeable.add(title="Old")
    before, files = changeable.generation(), changeable.files()
    caplog.clear()
    for told in ({}, {"title": "Old"}, {"credit": ""}, {"credit": None}):
        assert change(changeable, identifier, told)["generation"] == before
    assert changeable.files() == files
    assert "Gallery:" not in caplog.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "JSON object"),
        (b"\xff{", "JSON object"),
        (b"[]", "JSON object"),
        ({"titel": "x"}, "unknown field `titel`"),
        ({"title": 1}, "title takes text of at most 200 characters, or null"),
        ({"title": "x" * 201}, "title takes text of at most 200 characters, or null"),
        ({"date": "yesterday"}, "date takes text such as `2024-05-31`"),
        ({"date": "2023-02-29"}, "date takes text such as `2024-05-31`"),
        ({"tags": "x"}, "tags takes at most 100 texts of at most 100 characters each"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(untouched: Site, body: object, words: str) -> None:
    before = untouched.generation()
    answer = change(untouched, untouched.records()[0].id, body, 422)
    assert words in answer["detail"]
    assert untouched.generation() == before


def test_what_was_added_can_be_removed_once(changeable: Site) -> None:
    files = changeable.files()
    first, second = changeable.add(0, title="One"), changeable.add(1)
    address = f"/api/v1/images/{first}"
    answer = changeable.client.delete(address, headers=BEARER)
    assert answer.json == {"id": first, "generation": changeable.generation()}
    assert changeable.client.delete(address, headers=BEARER).status_code == 404
    change(changeable, first, {"title": "x"}, 404)
    for path in (address, f"/images/{first}", f"/images/{first}/small.webp"):
        assert changeable.client.get(path).status_code == 404
    match = changeable.client.post("/api/v1/search?limit=1", data=picture(0)).json["matches"][0]
    assert match["id"] != first
    assert changeable.files() == files | {f"uploaded/picture-{second}.jpg": picture(1)}
    assert changeable.index().generation == ""


def refused(site: Site, identifier: str) -> str:
    before, files = site.generation(), site.files()
    answer = site.client.delete(f"/api/v1/images/{identifier}", headers=BEARER)
    assert (answer.status_code, site.generation(), site.files()) == (409, before, files)
    detail: str = answer.get_json()["detail"]
    return detail


def test_what_was_not_added_here_is_not_removed_here(changeable: Site) -> None:
    old = changeable.records()[0]
    assert "was not uploaded" in refused(changeable, old.id)
    identifier = changeable.add()
    (changeable.folder / "zebra.jpg").write_bytes(picture())
    changeable.index()
    assert "a second time" in refused(changeable, identifier)
    (changeable.folder / "zebra.jpg").unlink()
    for path in changeable.folder.rglob("[0-9]*.jpg"):
        path.unlink()
    changeable.index()
    assert "last picture" in refused(changeable, identifier)
    (changeable.folder / "uploaded" / f"picture-{identifier}.jpg").unlink()
    change(changeable, identifier, {"title": "x"}, 503)


def test_what_else_happened_to_the_folder_is_left_for_the_next_index(changeable: Site) -> None:
    (changeable.folder / "arch" / "00.jpg").unlink()
    (changeable.folder / "new.jpg").write_bytes(picture(1))
    (changeable.folder / "broken.jpg").write_bytes(b"no picture")
    (changeable.folder / "records.json").unlink()
    before = {record.id: record for record in changeable.records()}
    identifier = changeable.add(0)
    after = {record.id: record for record in changeable.records()}
    assert set(after) - set(before) == {identifier}
    assert [after[each].title for each in before] == [each.title for each in before.values()]
    gone = next(record for record in before.values() if record.path == "arch/00.jpg")
    change(changeable, gone.id, {"title": "x"}, 409)
    outcome = changeable.index()
    assert (outcome.removed, len(outcome.failed), outcome.unchanged) == (1, 1, 7)


def test_a_change_keeps_what_an_index_that_was_killed_had_encoded(changeable: Site) -> None:
    content = picture(5)
    (changeable.folder / "waiting.jpg").write_bytes(content)
    manifest = open_bundle(changeable.bundle).manifest
    encoder = manifest.files["encoder"]
    job = Job(Folder(changeable.folder), File("waiting.jpg", len(content), 0), {}, link=False)
    entry = encode(job, Encoder(changeable.bundle / encoder.name))
    assert isinstance(entry, Entry)
    with holding(changeable.bundle) as work:
        journal = Journal(work, encoder.sha256, link=False)
        journal.add(entry)
        journal.close()
    changeable.add(0)
    with holding(changeable.bundle) as work:
        journal = Journal(work, encoder.sha256, link=False)
        assert entry.record.sha256 in journal
        journal.close()
    assert changeable.index().indexed == 1
    assert not list((changeable.bundle / ".index").glob("encoded-*"))


def failed(site: Site, kind: str, caplog: pytest.LogCaptureFixture) -> str:
    """Send a picture and a change that fail; nothing may be changed. Return the log."""
    before, files = site.generation(), site.files()
    identifier = site.records()[0].id
    caplog.clear()
    answers = [
        site.client.post("/api/v1/images?title=x", data=picture(7), headers=BEARER),
        site.client.patch(f"/api/v1/images/{identifier}", data='{"title": "x"}', headers=BEARER),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json["type"]) == (503, KIND + kind)
        assert int(answer.headers["Retry-After"]) > 0
        assert str(site.folder) not in answer.text
    assert (site.generation(), site.files()) == (before, files)
    assert TOKEN not in caplog.text
    return caplog.text


def test_a_folder_that_is_away_is_told(changeable: Site, caplog: pytest.LogCaptureFixture) -> None:
    away = changeable.folder.rename(changeable.folder.with_name("elsewhere"))
    assert str(changeable.folder) in failed(changeable, "folder-unavailable", caplog)
    # The place where a drive is mounted is there when the drive is not.
    changeable.folder.mkdir()
    assert "are not in" in failed(changeable, "folder-unavailable", caplog)
    changeable.folder.rmdir()
    away.rename(changeable.folder)
    (changeable.folder / "uploaded").symlink_to(changeable.folder / "arch")
    answer = changeable.client.post("/api/v1/images", data=picture(), headers=BEARER)
    assert (answer.status_code, "does not follow" in caplog.text) == (503, True)
    (changeable.folder / "uploaded").unlink()
    changeable.add()


def test_what_cannot_be_written_is_told(
    changeable: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object) -> None:
        raise OSError(30, "Read-only file system", "/somewhere")

    monkeypatch.setattr("model.edited_folder.sync", closed)
    assert "/somewhere cannot be written" in failed(changeable, "folder-unavailable", caplog)


def test_what_fails_in_the_middle_is_undone(
    changeable: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = changeable.add(title="Stays")

    def full(*_: object) -> None:
        raise IndexingError("The disk is full.")

    monkeypatch.setattr("model.editing.index_some", full)
    assert "The disk is full." in failed(changeable, "no-room", caplog)
    files = changeable.files()
    answer = changeable.client.delete(f"/api/v1/images/{identifier}", headers=BEARER)
    assert (answer.status_code, changeable.files()) == (503, files)


def test_while_another_command_writes_one_is_told_to_wait(
    to_change: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = opened(to_change, tmp_path, WAIT=0.1)
    with holding(site.bundle):
        failed(site, "being-changed", caplog)
    site.add()


def test_what_a_killed_server_left_is_taken_up(changeable: Site) -> None:
    place = changeable.folder / "uploaded"
    place.mkdir()
    half = place / ".picture-0123456789ab.jpg.half"
    half.write_bytes(picture()[:100])
    identifier = changeable.add()
    assert not half.exists()
    # Killed after a file was written, and before it was indexed: the same request ends it.
    content = picture(1)
    path = place / name_of(content)
    path.write_bytes(content)
    assert changeable.add(1)
    assert [path.read_bytes(), half.exists()] == [content, False]
    assert changeable.index().generation == ""
    assert identifier in {record.id for record in changeable.records()}


def name_of(content: bytes) -> str:
    """Return the name that the server gives to this content."""
    return f"picture-{hashlib.sha256(content).hexdigest()[:12]}.jpg"


def test_the_log_has_a_line_for_each_change(
    changeable: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    identifier = changeable.add(title="A secret title")
    generations = [changeable.generation()]
    change(changeable, identifier, {"title": "Other", "credit": "Ada"})
    generations.append(changeable.generation())
    answer = changeable.client.delete(f"/api/v1/images/{identifier}", headers=BEARER)
    generations.append(changeable.generation())
    lines = [record.getMessage() for record in caplog.records]
    told = [line for line in lines if line.startswith("Gallery: ")]
    path, size = f"uploaded/picture-{identifier}.jpg", len(picture())
    assert [line.rpartition(" request=")[0] for line in told] == [
        f"Gallery: added id={identifier} path={path} bytes={size} generation={generations[0]}",
        f"Gallery: changed id={identifier} path={path} fields=credit,title"
        f" generation={generations[1]}",
        f"Gallery: removed id={identifier} path={path} bytes={size} generation={generations[2]}",
    ]
    assert told[2].endswith(f" request={answer.headers['X-Request-Id']}")
    for word in (TOKEN, "secret title", "Ada", "127.0.0.1"):
        assert word not in caplog.text


def test_what_a_picture_carries_stays_in_its_file(changeable: Site) -> None:
    exif = carrying.exif_of({0x010E: "Said by the camera"})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.5, 0.0)})
    content = picture(3, exif=exif)
    answer = changeable.client.post("/api/v1/images", data=content, headers=BEARER)
    image = answer.json["images"][0]
    record = changeable.client.get(image["record"])
    assert record.json["alt"] == "Said by the camera"
    assert "12.5" not in record.text + changeable.client.get(image["page"]).text
    for size in ("small", "large"):
        assert b"Said by" not in changeable.client.get(f"/images/{image['id']}/{size}.webp").data
    assert changeable.files()[record.json["path"]] == content


def test_options_and_wrong_methods_name_them(changeable: Site) -> None:
    identifier = changeable.records()[0].id
    for path, more in (
        ("/api/v1/images", {"POST"}),
        (f"/api/v1/images/{identifier}", {"PATCH", "DELETE"}),
    ):
        options, wrong = changeable.client.options(path), changeable.client.put(path)
        assert (options.status_code, wrong.status_code) == (200, 405)
        for answer in (options, wrong):
            assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"} | more
