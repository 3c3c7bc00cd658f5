"""A gallery that is ranked in Milvus is changed there, too."""

import hashlib
import io
import logging
from pathlib import Path
from typing import Any

import pytest

from benchmarks.milvus.server import Milvus
from model.bundle import open_bundle
from model.ranking import IndexUnavailable
from model.ranking.collection import Address
from model.ranking.filling import fill
from tests.app.changing import BEARER, Site, opened, picture


@pytest.fixture
def changeable(milvus: Milvus, to_change: Path, tmp_path: Path) -> Site:
    address = milvus.collection("changeable")
    fill(Address.parse(address), open_bundle(to_change / "bundle"), stream=io.StringIO())
    return opened(to_change, tmp_path, INDEX=address)


def nearest(site: Site, query: str = "") -> Any:
    answer = site.client.post(f"/api/v1/search?limit=1&{query}", data=picture())
    assert answer.status_code == 200, answer.text
    return answer.json["matches"][0] if answer.json and answer.json["matches"] else None


def test_what_is_changed_is_so_in_the_collection(
    changeable: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    identifier = changeable.add(tags="fog")
    assert (nearest(changeable)["id"], nearest(changeable)["copy"]) == (identifier, "exact")
    address = f"/api/v1/images/{identifier}"
    changed = changeable.client.patch(address, data='{"tags": ["sun"]}', headers=BEARER)
    assert changed.status_code == 200
    assert nearest(changeable, "tag=sun")["id"] == identifier
    assert nearest(changeable, "tag=fog") is None
    assert "note" not in changeable.client.get("/readyz").json
    assert changeable.client.delete(address, headers=BEARER).status_code == 200
    assert nearest(changeable)["id"] != identifier
    assert "per second" not in capfd.readouterr().err  # a log is no place for progress


def test_what_the_collection_does_not_take_over_is_told(
    changeable: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object, **__: object) -> str:
        raise IndexUnavailable("The server went away.")

    caplog.set_level(logging.INFO)
    index = changeable.app.extensions["imagesearch"][0].index
    before = changeable.generation()
    with monkeypatch.context() as patched:
        patched.setattr("model.ranking.engine.Engine.trouble", lambda _: "It is away.")
        answer = changeable.client.post("/api/v1/images", data=picture(), headers=BEARER)
        assert answer.json["type"].endswith(":index-unavailable")
        assert changeable.generation() == before
    with monkeypatch.context() as patched:
        patched.setattr("model.ranking.filling.fill", away)
        answer = changeable.client.post("/api/v1/images", data=picture(), headers=BEARER)
    assert (answer.status_code, answer.json["type"].endswith(":not-followed")) == (503, True)
    assert f"python -m model move --to {index} --bundle {changeable.bundle}" in caplog.text
    assert changeable.generation() != before
    assert f"Gallery: added id={hashlib.sha256(picture()).hexdigest()[:12]}" in caplog.text
    # The same picture again: it is there, and nothing is left to be done but what the log says.
    again = changeable.client.post("/api/v1/images", data=picture(), headers=BEARER)
    assert (again.status_code, again.json["images"][0]["added"]) == (200, False)
    assert "move" in changeable.client.get("/readyz").json["note"]
