"""The gallery that the map is measured with is a gallery that can be served."""

import json
from pathlib import Path

from app import create_app
from benchmarks.map import make


def test_the_synthetic_gallery_has_a_map_of_as_many_pictures(bundle: Path, tmp_path: Path) -> None:
    make(bundle, tmp_path / "many", 500)
    client = create_app({"TESTING": True, "BUNDLE": str(tmp_path / "many")}).test_client()
    told = json.loads(client.get("/api/v1/map?limit=10000").data)
    assert told["total"] == len({each["id"] for each in told["places"]}) == 500
    assert (told["columns"], told["lines"]) == (23, 22)
    assert client.get(f"/images/{told['places'][-1]['id']}/small.webp").status_code == 200
    assert [path.name for path in (tmp_path / "many").glob(".*")] == [".index"]
