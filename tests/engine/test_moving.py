"""`python -m model move`: there and back, interrupted, and when it cannot be done."""

import io
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.milvus.server import Milvus
from model.__main__ import main
from model.bundle import open_bundle, pack_roles
from model.indexing import index_folder
from model.locking import holding
from model.ranking import IndexUnavailable, Item
from model.ranking.collection import Address, EngineError
from model.ranking.filling import await_graph, fill, items_of
from model.ranking.opening import open_index
from tests import drawing
from tests.conftest import ROOT


def move(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model", "move", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )


def test_an_index_takes_its_collection_along(
    milvus: Milvus, tmp_path: Path, bundle: Path, drawn: Path
) -> None:
    address, changing = milvus.collection("along"), tmp_path / "bundle"
    shutil.copytree(bundle, changing)
    shutil.copytree(drawn, tmp_path / "pictures")
    command = ["index", str(tmp_path / "pictures"), "--bundle", str(changing), "--jobs", "1"]
    assert main([*command, "--move-to", address]) == 0
    assert open_index(address, open_bundle(changing)).count == 24
    drawing.draw("arch", 98).save(tmp_path / "pictures" / "new.png")
    away = ["--move-to", "milvus://127.0.0.1:1/none"]
    assert main([*command, *away]) == 1
    assert main([*command, "--move-to", address]) == 0
    index = open_index(address, open_bundle(changing))
    assert (index.count, index.note(), index.trouble()) == (25, "", "")


def test_only_what_changed_travels(
    milvus: Milvus, tmp_path: Path, bundle: Path, drawn: Path
) -> None:
    address, changing = milvus.collection("changing"), tmp_path / "bundle"
    shutil.copytree(bundle, changing)
    shutil.copytree(drawn, tmp_path / "pictures")
    index_folder(tmp_path / "pictures", changing, jobs=1)
    done = move("--to", address, "--bundle", changing)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{address}: 24 pictures, 24 written, 0 deleted; both sides have")
    assert "moved: 24" in done.stderr
    drawing.draw("arch", 99).save(tmp_path / "pictures" / "new.png")
    next((tmp_path / "pictures" / "arch").iterdir()).unlink()
    index_folder(tmp_path / "pictures", changing, jobs=1)
    done = move("--to", address, "--bundle", changing)
    assert "24 pictures, 1 written, 1 deleted" in done.stdout
    engine, embedded = (open_index(each, open_bundle(changing)) for each in (address, "embedded"))
    for row in range(24):
        found, wanted = (
            each.search(embedded.embedding(row), limit=24) for each in (engine, embedded)
        )
        assert found.rows.tolist() == wanted.rows.tolist()
    files = open_bundle(changing).manifest.files
    assert len(pack_roles(files)) == 2
    done = move("--from", address, "--to", "embedded", "--bundle", changing)
    assert "24 embeddings" in done.stdout
    assert open_bundle(changing).manifest.files == files


def test_nothing_is_fetched_while_another_command_writes(
    bundle: Path, filled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with holding(bundle):
        assert main(["move", "--from", filled, "--to", "embedded", "--bundle", str(bundle)]) == 1
    assert "Another command is writing into" in capsys.readouterr().err


# A command that is killed, as by want of memory, when the first ten pictures have arrived.
KILLED = """
import os, signal, sys
from model.__main__ import main
from model.ranking import filling
from model.ranking.engine import Engine
filling.BATCH = 10
write = Engine.write
Engine.write = lambda *given: write(*given) or os.kill(os.getpid(), signal.SIGKILL)
main(sys.argv[1:])
"""


def test_a_move_that_was_killed_goes_on(milvus: Milvus, bundle: Path) -> None:
    address, held = milvus.collection("killed"), open_bundle(bundle)
    arguments = ["move", "--to", address, "--bundle", str(bundle)]
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    with pytest.raises(IndexUnavailable, match="never filled to the end"):
        open_index(address, held).embedding(0)
    assert "24 pictures, 14 written, 0 deleted" in fill(Address.parse(address), held)
    assert (open_index(address, held).vectors(range(24)) == held.embeddings).all()


def test_there_and_back(tmp_path: Path, many_folder: Path, filled: str) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(many_folder, folder)
    before = open_bundle(folder)
    kept = before.path("embeddings").read_bytes()
    before.path("embeddings").write_bytes(kept[:-9] + bytes(9))
    done = move("--from", filled, "--to", "embedded", "--bundle", folder)
    assert done.returncode == 0, done.stderr
    assert "1,500 embeddings" in done.stdout
    assert "the very ones it had" in done.stdout
    assert open_bundle(folder).path("embeddings").read_bytes() == kept
    assert not list(folder.glob(".move-*"))


def test_a_move_back_goes_on_where_it_stopped(
    tmp_path: Path, many_folder: Path, filled: str
) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(many_folder, folder)
    whole = open_bundle(folder)
    scratch = folder / f".move-{whole.generation}"
    scratch.mkdir()
    begun = np.zeros((1500, whole.embeddings.shape[1]), np.float32)
    begun[:1000] = 0.5  # what was fetched is not fetched again
    np.save(scratch / "embeddings.npy", begun)
    (scratch / "embeddings.npy").rename(scratch / "embeddings")
    (scratch / "reached").write_text("1000")
    done = move("--from", filled, "--to", "embedded", "--bundle", folder)
    assert "other ones than it had" in done.stdout
    fetched = open_bundle(folder).embeddings
    assert (fetched[:1000] == 0.5).all()
    assert (fetched[1000:] == whole.embeddings[1000:]).all()


def test_what_cannot_be_moved_is_said_in_a_sentence(
    milvus: Milvus,
    bundle: Path,
    tmp_path: Path,
    filled: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    foreign = milvus.collection("foreign")
    milvus.client().create_collection("foreign", dimension=4)
    for arguments, said in (
        (["--to", foreign, "--bundle", bundle], "was not made by imagesearch"),
        (["--to", "milvus://127.0.0.1:1/a", "--bundle", bundle], "cannot be made or reached"),
        (["--to", "milvus://nowhere", "--bundle", bundle], "is no address of a collection"),
        (["--to", "embedded", "--bundle", bundle], "one end in the bundle and one in Milvus"),
        (["--from", filled, "--to", "embedded", "--bundle", bundle], "lacks 24 of the next 24"),
        (["--to", foreign, "--bundle", tmp_path], "there is no"),
    ):
        assert main(["move", *map(str, arguments)]) == 1
        assert said in capsys.readouterr().err


def test_pictures_are_added_and_removed_at_once(milvus: Milvus, bundle: Path) -> None:
    address, held = milvus.collection("living"), open_bundle(bundle)
    fill(Address.parse(address), held)
    engine = open_index(address, held)
    items = {item.id: item for item in items_of(held)}
    first = held.gallery.record(0)
    query = held.embeddings[0]
    assert engine.search(query, limit=1).rows.tolist() == [0]
    engine.remove([first.id, "no picture has this id"])
    assert 0 not in engine.search(query, limit=24).rows
    with pytest.raises(IndexUnavailable, match="lacks a picture"):
        engine.embedding(0)
    engine.add([items[first.id], Item("notinthebundle", query)])
    assert (
        engine.search(query, limit=24).rows.tolist()
        == open_index("embedded", held).search(query, limit=24).rows.tolist()
    )


class Slow:
    """A collection whose server tells one state of its graph after the other, up to the last."""

    address = "milvus://slow:19530/one"

    def __init__(self, *pending: int) -> None:
        self.asked = 0
        self._pending = pending

    def ask(self, what: str, **_: object) -> object:
        if what == "list_loaded_segments":
            return [SimpleNamespace(num_rows=5000, index_name="embedding")]
        self.asked += 1
        pending = self._pending[min(self.asked // 4, len(self._pending) - 1)]
        return {"total_rows": 5000, "pending_index_rows": pending}


def test_a_graph_may_take_as_long_as_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"_PATIENCE": 0.4, "_LOOKED_AT": 0.05, "_TOLD": 0.1}.items():
        monkeypatch.setattr(f"model.ranking.filling.{name}", seconds)
    stream, states = io.StringIO(), (5000, 3000, 5000, 4000, 2000, 1000, 0)
    begun = time.monotonic()
    await_graph(Slow(*states), stream)  # type: ignore[arg-type]
    assert time.monotonic() - begun > 0.8
    lines = stream.getvalue().splitlines()
    assert "graph: Milvus is at work on 3,000 of 5,000 pictures" in "".join(lines)
    with pytest.raises(EngineError, match="for an hour nothing changed"):
        await_graph(Slow(5000, 3000), stream)  # type: ignore[arg-type]
