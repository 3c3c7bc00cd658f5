"""A new bundle takes over while the server runs; a damaged one does not."""

import gc
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app, live
from model.bundle import open_bundle

MakeBundle = Callable[..., Path]


@pytest.fixture
def served(make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return an application on one picture that looks for a new bundle at every request."""
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.0)
    return create_app({"TESTING": True, "BUNDLE": str(make_bundle({"title": "First"}))})


def ready(app: Flask) -> Any:
    response = app.test_client().get("/readyz")
    assert response.status_code == 200
    return response.json


def test_a_new_index_is_served_at_once(served: Flask, make_bundle: MakeBundle) -> None:
    before = ready(served)
    make_bundle({"title": "First"}, {"title": "Second"})
    after = ready(served)
    assert (before["pictures"], after["pictures"]) == (1, 2)
    assert before["bundle"] != after["bundle"]
    assert "Second" in served.test_client().get("/browse").text


def test_a_picture_that_another_process_told_of_is_found_at_once(
    make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 1000.0)  # this one does not look by itself
    client = create_app({"BUNDLE": str(make_bundle({"title": "First"}))}).test_client()
    folder = make_bundle({"title": "First"}, {"title": "Second"})
    new = open_bundle(folder).gallery.find_path("1.png")
    assert new is not None
    told: Any = client.get("/api/v1/images").json
    assert told["total"] == 1
    assert "Second" in client.get(f"/images/{new.id}").text
    assert client.get("/images/000000000000").status_code == 404


def test_the_encoders_stay_when_only_the_index_is_new(
    served: Flask, make_bundle: MakeBundle
) -> None:
    bundle = served.extensions["imagesearch"][1]
    before = bundle.snapshot().encoders
    make_bundle({"title": "First"}, {"title": "Second"})
    assert bundle.snapshot().encoders is before
    assert bundle.snapshot().count == 2


def test_a_request_in_flight_ends_on_the_bundle_it_began_with(
    served: Flask, make_bundle: MakeBundle
) -> None:
    with served.test_request_context():
        before = live.snapshot()
        make_bundle({"title": "First"}, {"title": "Second"})
        assert served.extensions["imagesearch"][1].snapshot().count == 2
        assert live.snapshot() is before
        assert before.count == before.gallery.count == 1
        assert before.gallery.thumbnail(before.gallery.record(0), "small")


def test_a_generation_that_was_replaced_keeps_no_file_open(
    served: Flask, make_bundle: MakeBundle
) -> None:
    def opened() -> int:
        places = list(Path("/proc/self/fd").iterdir())
        return sum("/made/" in str(place.readlink()) for place in places if place.is_symlink())

    counts = []
    gc.disable()  # it would come for them some day
    try:
        for number in range(4):
            make_bundle(*({"title": f"{each}"} for each in range(2 + number)))
            for _ in range(2):  # the second looks again
                assert served.test_client().get("/browse").status_code == 200
            counts.append(opened())
    finally:
        gc.enable()
    assert counts[3] == counts[2] == counts[1] > 0


def test_a_damaged_bundle_is_logged_and_the_old_one_stays(
    served: Flask, make_bundle: MakeBundle, caplog: pytest.LogCaptureFixture
) -> None:
    before = ready(served)
    folder = make_bundle({"title": "First"}, {"title": "Second"})
    whole = (folder / "manifest.json").read_bytes()
    with caplog.at_level(logging.ERROR):
        for damaged in (b"{", whole.replace(b'"count": 2', b'"count": 3')):
            (folder / "manifest.json").write_bytes(damaged)
            assert ready(served) == before
    assert caplog.text.count("The old bundle stays") == 2
    (folder / "manifest.json").write_bytes(whole)
    assert ready(served)["pictures"] == 2


def test_a_bundle_that_vanishes_is_served_on(served: Flask, make_bundle: MakeBundle) -> None:
    before = ready(served)
    (make_bundle({"title": "First"}) / "manifest.json").unlink()
    assert ready(served) == before


def test_the_manifest_is_looked_at_only_once_in_a_while(
    make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 1000.0)  # however slow the machine is just now
    app = create_app({"BUNDLE": str(make_bundle({"title": "First"}))})
    bundle, looks = app.extensions["imagesearch"][1], []
    monkeypatch.setattr(bundle, "_look", lambda: looks.append(1))
    for _ in range(50):
        bundle.snapshot()
    assert looks == []


def test_others_go_on_with_the_old_bundle_while_one_loads_the_new(
    served: Flask, make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = served.extensions["imagesearch"][1]
    make_bundle({"title": "First"}, {"title": "Second"})
    began, finish = threading.Event(), threading.Event()

    def slow(folder: Path, **how: Any) -> Any:
        began.set()
        assert finish.wait(10)
        return open_bundle(folder, **how)

    monkeypatch.setattr("app.live.open_bundle", slow)
    loading = threading.Thread(target=bundle.snapshot)
    loading.start()
    assert began.wait(10)
    assert bundle.snapshot().count == 1
    finish.set()
    loading.join(10)
    assert bundle.snapshot().count == 2
