"""The photographic stage on made-up light, and the reader of Blender's files."""

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rendering.contact import PAGE, contact_pages, contact_sheet
from rendering.develop import blur, develop, expose, fault, film, save
from rendering.exr import layer, read_channels


def scene_light() -> np.ndarray:
    rng = np.random.default_rng(0)
    light = rng.uniform(0.05, 0.6, (40, 60, 3)).astype(np.float32)
    light[:20] *= 4
    return light


def test_developing_is_repeatable_and_in_range() -> None:
    first, again = (develop(scene_light(), 0.18, 5) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.dtype == np.float32
    assert first.min() >= 0
    assert first.max() <= 1


def test_exposure_does_not_depend_on_the_strength_of_the_light() -> None:
    np.testing.assert_allclose(
        expose(scene_light() * 50, 0.18), expose(scene_light(), 0.18), rtol=0.01
    )


def test_film_keeps_order_and_ends() -> None:
    tones = film(np.linspace(0, 7, 50, dtype=np.float32))
    assert tones[0] == pytest.approx(0, abs=1e-6)
    assert (np.diff(tones) >= 0).all()
    assert tones[-1] <= 1


def test_light_that_is_not_a_number_does_no_harm() -> None:
    light = scene_light()
    light[3, 4] = np.nan
    light[5, 6] = np.inf
    assert np.isfinite(develop(light, 0.18, 1)).all()


def test_blur_keeps_the_amount_of_light() -> None:
    spot = np.zeros((41, 41, 3), dtype=np.float32)
    spot[20, 20] = 1
    assert blur(spot, 2.0).sum() == pytest.approx(3.0, rel=1e-4)


@pytest.mark.parametrize(("level", "words"), [(0.02, "too dark"), (0.97, "too bright")])
def test_faults_of_exposure_have_names(level: float, words: str) -> None:
    assert fault(np.full((20, 30, 3), level, dtype=np.float32)) == words


def test_an_even_picture_is_empty_and_a_real_one_has_no_fault() -> None:
    assert fault(np.full((20, 30, 3), 0.5, dtype=np.float32)) == "almost empty"
    assert fault(develop(scene_light(), 0.18, 1)) is None


def test_pictures_are_webp_without_metadata(tmp_path: Path) -> None:
    save(develop(scene_light(), 0.18, 1), tmp_path / "a.webp")
    with Image.open(tmp_path / "a.webp") as picture:
        assert picture.format == "WEBP"
        assert picture.size == (60, 40)
        assert not picture.getexif()
    assert [p.name for p in tmp_path.iterdir()] == ["a.webp"]


def test_contact_sheet_shows_every_picture(tmp_path: Path) -> None:
    save(develop(scene_light(), 0.18, 1), tmp_path / "a.webp")
    contact_sheet([tmp_path / "a.webp"] * 5, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 4 * 280
        assert sheet.height > 2 * 190


def test_contact_pages_number_themselves_and_replace_a_longer_set(tmp_path: Path) -> None:
    save(develop(scene_light(), 0.18, 1), tmp_path / "a.webp")
    many = contact_pages([tmp_path / "a.webp"] * (PAGE + 1), tmp_path / "sheets")
    assert [page.name for page in many] == ["contact-01.jpg", "contact-02.jpg"]
    few = contact_pages([tmp_path / "a.webp"], tmp_path / "sheets")
    assert list((tmp_path / "sheets").iterdir()) == few


def test_night_stays_dark_and_its_lamps_glow() -> None:
    light = np.full((60, 90, 3), 0.0004, dtype=np.float32)
    light[30, 45] = 50
    night = develop(light, 0.0, 1)
    assert np.median(night) < 0.2
    assert night[30, 48].mean() > night[5, 5].mean() + 0.05


def write_exr(path: Path, names: list[str], planes: np.ndarray, compression: int = 0) -> None:
    """Write an uncompressed file as the format's description asks."""
    count, height, width = planes.shape

    def attribute(name: str, kind: str, value: bytes) -> bytes:
        return f"{name}\0{kind}\0".encode() + struct.pack("<i", len(value)) + value

    entries = b"".join(n.encode() + b"\0" + struct.pack("<iiii", 2, 0, 1, 1) for n in names)
    header = struct.pack("<ii", 20000630, 2)
    header += attribute("channels", "chlist", entries + b"\0")
    header += attribute("compression", "compression", bytes([compression]))
    header += attribute("dataWindow", "box2i", struct.pack("<4i", 0, 0, width - 1, height - 1))
    lines = b"".join(
        struct.pack("<ii", y, 4 * width * count) + planes[:, y].astype("<f4").tobytes()
        for y in range(height)
    )
    path.write_bytes(header + b"\0" + bytes(8 * height) + lines)


def test_reader_returns_what_was_written(tmp_path: Path) -> None:
    planes = np.random.default_rng(0).random((3, 4, 5)).astype(np.float32)
    names = ["View.Combined.B", "View.Combined.G", "View.Combined.R"]
    write_exr(tmp_path / "a.exr", names, planes)
    colour = layer(read_channels(tmp_path / "a.exr"), "Combined", "RGB")
    np.testing.assert_array_equal(colour, np.moveaxis(planes[::-1], 0, -1))


def test_reader_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", ["R"], np.zeros((1, 2, 2)), compression=3)
    with pytest.raises(ValueError, match="compressed"):
        read_channels(tmp_path / "a.exr")
    (tmp_path / "b.exr").write_bytes(bytes(64))
    with pytest.raises(ValueError, match="not an OpenEXR"):
        read_channels(tmp_path / "b.exr")
