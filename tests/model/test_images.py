"""The loader: every format gives the same picture, and every bad file a sentence."""

import io
import pickle
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from model import image_errors, images
from model.view import Region, View
from tests import drawing


def mean_difference(left: np.ndarray, right: np.ndarray) -> float:
    return float(np.abs(left.astype(float) - right.astype(float)).mean())


@pytest.fixture(scope="module")
def reference() -> images.Picture:
    return images.load(drawing.encoded(drawing.draw("arch"), "PNG"))


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("JPEG", {"quality": 95}, 2),
        ("PNG", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("AVIF", {"quality": 95}, 2),
        ("GIF", {}, 6),
        ("TIFF", {}, 0),
        ("BMP", {}, 0),
        ("HEIF", {"quality": 95}, 2),
    ],
)
def test_every_format_gives_the_same_picture(
    reference: images.Picture, kind: str, options: dict[str, object], tolerance: float
) -> None:
    picture = images.load(drawing.encoded(drawing.draw("arch"), kind, **options))
    assert (picture.format, picture.width, picture.height) == (kind, 480, 320)
    assert picture.pixels.shape == (256, 256, 3)
    assert picture.pixels.dtype == np.uint8
    assert mean_difference(picture.pixels, reference.pixels) <= tolerance


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_once(orientation: int, kind: str) -> None:
    upright = drawing.draw("suspension", size=(1600, 1200))
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = drawing.encoded(upright, kind, exif=exif, quality=95)
    plain = Image.open(io.BytesIO(drawing.encoded(upright, kind, quality=95)))
    plain.getexif()[0x0112] = orientation
    expected = ImageOps.exif_transpose(plain).convert("RGB")
    picture = images.load(content)
    assert (picture.width, picture.height) == expected.size
    assert picture.turned == (orientation != 1)
    small = np.asarray(expected.resize((256, 256), Image.Resampling.BOX))
    assert mean_difference(picture.pixels, small) < 2


def test_the_reducing_decode_stays_close_to_a_full_one() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    large = Image.fromarray(noise).resize((4000, 3000), Image.Resampling.BICUBIC)
    picture = images.load(drawing.encoded(large, quality=95))
    full = np.asarray(large.resize((256, 256), Image.Resampling.LANCZOS))
    assert min(picture.reduced.size) < 1100
    assert mean_difference(picture.pixels, full) < 1.5


def test_alpha_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (50, 40), (255, 0, 0, 0))
    assert (images.load(drawing.encoded(clear, "PNG")).pixels == 255).all()
    palette = Image.new("P", (50, 40), 0)
    palette.putpalette([0, 0, 0, 255, 255, 255])
    content = drawing.encoded(palette, "PNG", transparency=0)
    assert (images.load(content).pixels == 255).all()


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256 * 256).reshape(256, 256).astype(np.uint16)
    pixels = images.load(drawing.encoded(Image.fromarray(ramp), "PNG")).pixels
    assert pixels[0].mean() < 2
    assert abs(pixels[128].mean() - 128) < 2
    assert pixels[-1].mean() > 253


def test_cmyk_and_grey_become_rgb(reference: images.Picture) -> None:
    content = drawing.encoded(drawing.draw("arch").convert("CMYK"), quality=95)
    assert mean_difference(images.load(content).pixels, reference.pixels) < 3
    grey = images.load(drawing.encoded(drawing.draw("arch").convert("L"), "PNG")).pixels
    assert (grey[..., 0] == grey[..., 1]).all()


def test_an_animation_counts_by_its_first_frame(reference: images.Picture) -> None:
    frames = [drawing.draw("beam"), drawing.draw("truss")]
    content = drawing.encoded(
        drawing.draw("arch"), "WEBP", save_all=True, append_images=frames, lossless=True
    )
    assert mean_difference(images.load(content).pixels, reference.pixels) == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (255, 257)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    picture = images.load(drawing.encoded(Image.new("RGB", size, (10, 200, 30)), "PNG"))
    assert (picture.width, picture.height) == size
    assert mean_difference(picture.pixels, np.array([10, 200, 30])) == 0


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff\xd8\xff", b"%PDF-1.7\n" + b"x" * 500, b"GIF89a"]
)
def test_what_is_no_picture_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(image_errors.UnsupportedFormat) as caught:
        images.load(content)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "HEIF"])
def test_a_truncated_picture_is_refused_in_words(kind: str) -> None:
    content = drawing.encoded(drawing.draw("truss"), kind)
    with pytest.raises(image_errors.ImageError):
        images.load(content[: len(content) // 2])


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(65535, 65535), (10_001, 10_000), (2**31 - 1, 1)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(image_errors.TooManyPixels, match="megapixels"):
        images.load(png_that_claims(*size))


def test_the_limit_of_pixels_is_the_callers() -> None:
    content = drawing.encoded(drawing.draw("arch"), "PNG")
    with pytest.raises(image_errors.TooManyPixels):
        images.load(content, max_pixels=480 * 320 - 1)
    assert images.load(content, max_pixels=480 * 320).width == 480


@pytest.mark.parametrize("side", [300, 2500])  # as it is, and reduced strip by strip
def test_copies_carry_nothing(side: int) -> None:
    picture = drawing.draw("arch", size=(side, side))
    content = drawing.encoded(picture, icc_profile=b"the secret" * 100, comment=b"a secret")
    seen = images.load(content, view=View(Region(0, 0, side - 10, side - 10)))
    for copy in (images.webp(seen.whole, (64, 64)), images.preview(seen.reduced, (64, 64))):
        assert b"secret" not in copy
    assert len(pickle.dumps(images.lightened(seen))) < 2 * 3 * 1024 * 1024 + 256 * 256 * 3 + 5_000


def test_a_value_is_scaled_by_the_range_of_the_whole_picture() -> None:
    """Strip by strip, and also where a part is looked at."""
    values = np.linspace(-100, 300, 1500 * 1500, dtype=np.float32).reshape(1500, 1500)
    content = drawing.encoded(Image.fromarray(values), "TIFF")
    whole = images.load(content).pixels
    part = images.load(content, view=View(Region(0, 0, 1500, 750))).pixels
    assert whole.min() < 3
    assert whole.max() > 252
    assert abs(int(part.max()) - 128) < 3


def test_thumbnails_fit_their_box_and_carry_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret"
    picture = images.load(drawing.encoded(drawing.draw("arch"), exif=exif))
    thumbnail = images.webp(picture.reduced, (640, 256))
    image = Image.open(io.BytesIO(thumbnail))
    assert (image.format, image.size) == ("WEBP", (384, 256))
    assert b"secret" not in thumbnail
    assert Image.open(io.BytesIO(images.webp(picture.reduced, (2000, 2000)))).size == (480, 320)
