"""A part of a picture: cut from the full one, mirrored and turned, through the one loader."""

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageOps

from model import image_errors, images
from model.view import Region, View
from tests import drawing

LARGE = (2400, 1600)


@cache
def noisy(size: tuple[int, int]) -> Image.Image:
    """Return a picture with something else in every place, as fine as its pixels are."""
    noise = Image.frombytes("RGB", size, np.random.default_rng(0).bytes(3 * size[0] * size[1]))
    broad = Image.frombytes("RGB", (16, 12), np.random.default_rng(1).bytes(3 * 16 * 12))
    return Image.blend(broad.resize(size, Image.Resampling.BICUBIC), noise, 0.3)


def seen(content: bytes, view: View) -> np.ndarray:
    return images.load(content, view=view).pixels.astype(float)


def expected(image: Image.Image, box: tuple[int, int, int, int]) -> np.ndarray:
    part = image.crop(box).resize((256, 256), Image.Resampling.BICUBIC)
    return np.asarray(part, dtype=float)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_region_is_of_the_upright_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = drawing.encoded(noisy((1200, 900)), exif=exif, quality=95)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    picture = images.load(content, view=View(Region(200, 300, 600, 400)))
    assert (picture.width, picture.height) == upright.size
    assert picture.reduced.size == (600, 400)
    assert picture.reduced.tobytes() == upright.crop((200, 300, 800, 700)).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_small_region_of_a_large_picture_is_as_sharp_as_the_picture(kind: str) -> None:
    content = drawing.encoded(noisy(LARGE), kind, quality=95)
    full = Image.open(io.BytesIO(content)).convert("RGB")
    found = seen(content, View(Region(1200, 900, 256, 256)))
    assert np.abs(found - expected(full, (1200, 900, 1456, 1156))).mean() < 1


def test_a_large_region_is_decoded_at_a_reduced_size() -> None:
    picture = images.load(
        drawing.encoded(noisy(LARGE), quality=90), view=View(Region(0, 0, 2400, 1500))
    )
    assert min(picture.reduced.size) < 1100
    assert min(picture.whole.size) < 1100


def test_the_whole_picture_is_no_region_and_gives_the_same_bytes() -> None:
    content = drawing.encoded(noisy(LARGE))
    plain = images.load(content)
    whole = images.load(content, view=View(Region(0, 0, 9999, 9999)))
    assert whole.view == View()
    assert (whole.pixels == plain.pixels).all()
    assert whole.reduced.tobytes() == plain.reduced.tobytes()


@pytest.mark.parametrize(
    ("asked", "clipped"),
    [
        (Region(400, 300, 500, 500), Region(400, 300, 80, 20)),
        (Region(479, 319, 1, 1), Region(479, 319, 1, 1)),
        (Region(0, 0, 480, 319), Region(0, 0, 480, 319)),
    ],
)
def test_what_lies_beyond_the_edges_is_cut_off(asked: Region, clipped: Region) -> None:
    content = drawing.encoded(drawing.draw("arch"))
    picture = images.load(content, view=View(asked))
    assert picture.view.region == clipped
    assert picture.reduced.size == (clipped.width, clipped.height)


@pytest.mark.parametrize("region", [Region(480, 0, 9, 9), Region(0, 320, 9, 9)])
def test_a_region_outside_the_picture_is_refused_in_words(region: Region) -> None:
    with pytest.raises(image_errors.OutsideRegion, match="480 pixels wide and 320 high"):
        images.load(drawing.encoded(drawing.draw("arch")), view=View(region))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_mirrored_first_and_then_turned_clockwise(turn: int, *, mirror: bool) -> None:
    image = drawing.draw("truss")
    found = images.load(drawing.encoded(image, "PNG"), view=View(None, mirror, turn))
    wanted = ImageOps.mirror(image) if mirror else image
    wanted = wanted.rotate(-turn, expand=True)
    assert found.reduced.tobytes() == wanted.tobytes()
    assert found.whole.tobytes() == image.tobytes()


def test_buttons_do_to_what_is_seen_what_they_say() -> None:
    content = drawing.encoded(drawing.draw("truss"), "PNG")
    view = View()
    shown = images.load(content).reduced
    for step in ("turn", "mirror", "turn", "turn", "mirror", "turn", "mirror"):
        if step == "turn":
            view, shown = view.turned(), shown.rotate(-90, expand=True)
        else:
            view, shown = view.mirrored(), ImageOps.mirror(shown)
        assert images.load(content, view=view).reduced.tobytes() == shown.tobytes()


def test_a_region_may_tell_of_a_larger_picture_than_its_copy() -> None:
    image = drawing.draw("arch")
    view = View(Region(1000, 500, 2000, 1000), size=(4800, 3200))
    picture = images.load(drawing.encoded(image, "PNG"), view=view)
    assert picture.view == View(Region(100, 50, 200, 100))


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "-1,0,5,5", "0,0,0,5", "a,b,c,d", "1.5,0,2,2"]
)
def test_what_is_no_region_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="four whole numbers"):
        Region.parse(text)


def test_of_a_panorama_little_is_kept_and_the_same_is_seen() -> None:
    picture = images.load(drawing.encoded(drawing.draw("truss", size=(9000, 600)), "PNG"))
    light = images.lightened(picture)
    assert picture.reduced.size == picture.whole.size == (9000, 600)
    assert light.reduced.size == light.whole.size == (2048, 137)
    assert (light.width, light.height) == (9000, 600)
    assert (light.pixels == picture.pixels).all()
