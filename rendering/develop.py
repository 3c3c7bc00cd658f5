"""From light to a photograph: denoise, expose, balance, tone, and what lens and film add."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from rendering.exr import layer, read_channels

Pixels = npt.NDArray[np.float32]
LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
QUALITY = 78
NIGHT_GAINS = (2.5, 16.0)  # bounds of the exposure: without them night would turn into day
BALANCE = 0.38  # how far a colour cast is removed; all of it would take the mood of an evening away


def develop_file(source: Path, key: float, seed: int) -> Pixels:
    """Turn a rendered file into a picture."""
    channels = read_channels(source)
    colour = layer(channels, "Combined", "RGB")
    albedo = layer(channels, "Denoising Albedo", "RGB")
    normal = layer(channels, "Denoising Normal", "XYZ")
    return develop(denoise(colour, albedo, normal), key, seed)


def denoise(colour: Pixels, albedo: Pixels, normal: Pixels) -> Pixels:
    """Remove the grain of few samples."""
    import pyoidn  # noqa: PLC0415 - loads large libraries that the rest does not need

    clean = pyoidn.denoise(colour, albedo=np.clip(albedo, 0, 1), normal=normal, hdr=True)
    return np.asarray(clean, dtype=np.float32)


def develop(light: Pixels, key: float, seed: int) -> Pixels:
    """Return a picture in [0, 1] from linear light."""
    light = np.nan_to_num(np.maximum(light, 0), nan=0.0, posinf=1e3)
    light = balance(expose(light, key), BALANCE if key else 0.1)
    light = bloom(light, 0.05 if key else 0.12) * vignette(light.shape[:2])[..., None]
    picture = encode(saturate(film(light), 1.12))
    picture = levels(picture, white=0.5 if key else 0.0)
    grain = np.random.default_rng(seed).normal(size=picture.shape[:2]).astype(np.float32)
    return np.clip(picture + 0.008 * grain[..., None], 0, 1)


def expose(light: Pixels, key: float) -> Pixels:
    """Bring the average to the key, without burning too much; a key of 0 means night."""
    luminance = np.maximum(light @ LUMA, 1e-6)
    average = float(np.exp(np.mean(np.log(luminance + 1e-4))))
    bright = float(np.percentile(luminance, 96))
    gain = min(key / average, 2.2 / bright) if key else float(np.clip(0.5 / bright, *NIGHT_GAINS))
    return np.asarray(light * np.float32(gain))


def balance(light: Pixels, amount: float) -> Pixels:
    """Take out a part of the colour cast."""
    mean = np.minimum(light, 2).reshape(-1, 3).mean(axis=0) + 1e-6
    gain = (mean.mean() / mean) ** amount
    return np.asarray(light * (gain / float(gain @ LUMA)).astype(np.float32))


def film(light: Pixels) -> Pixels:
    """Compress highlights and deepen shadows with an S-shaped curve (Hable's shape)."""
    a, b, c, d, e, f = 0.22, 0.30, 0.10, 0.20, 0.01, 0.30

    def curve(x: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        return (x * (a * x + c * b) + d * e) / (x * (a * x + b) + d * f) - e / f

    white = curve(np.array([7.0]))[0]
    return np.asarray(np.clip(curve(light * 2.6) / white, 0, 1), dtype=np.float32)


def saturate(picture: Pixels, amount: float) -> Pixels:
    """Strengthen colours."""
    grey = (picture @ LUMA)[..., None]
    return np.clip(grey + (picture - grey) * np.float32(amount), 0, 1)


def levels(picture: Pixels, white: float) -> Pixels:
    """Go some of the way towards using all tones from black to white, as a flat picture needs."""
    low, high = np.percentile(picture @ LUMA, (0.5, 99.5))
    low, high = 0.6 * low, high + (1 - white) * max(0.0, 0.95 - high)
    return np.asarray(np.clip((picture - low) / max(high - low, 0.2), 0, 1), dtype=np.float32)


def encode(picture: Pixels) -> Pixels:
    """Apply the sRGB curve."""
    low = picture * 12.92
    high = 1.055 * np.maximum(picture, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(picture <= 0.0031308, low, high).astype(np.float32)


def bloom(light: Pixels, strength: float) -> Pixels:
    """Let bright places shine into their surroundings."""
    bright = np.clip(light - 1.1, 0, 14)
    if not bright.any():
        return light
    size = max(light.shape[:2])
    glow = blur(bright, *(size * part for part in (0.004, 0.012, 0.04)))
    return np.asarray(light + np.float32(strength) * glow, dtype=np.float32)


def blur(image: Pixels, *sigmas: float) -> Pixels:
    """Return the sum of the image smoothed by a Gaussian of each width; edges fade to black."""
    high, wide = image.shape[:2]
    margin = int(3 * max(sigmas)) + 1
    shape = (high + margin, wide + margin)
    y, x = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :]
    kernel = sum(np.exp(-2 * (np.pi * sigma) ** 2 * (y * y + x * x)) for sigma in sigmas)
    waves = np.fft.rfft2(image, shape, axes=(0, 1)) * np.asarray(kernel)[..., None]
    return np.fft.irfft2(waves, shape, axes=(0, 1))[:high, :wide].astype(np.float32)


def vignette(shape: tuple[int, ...]) -> Pixels:
    """Return how much light reaches each place of the frame."""
    y, x = np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")
    return (1 - 0.09 * (x * x + y * y)).astype(np.float32)


def save(picture: Pixels, target: Path) -> None:
    """Write a WebP file in one step, so that a broken one never stands under the final name."""
    partial = target.with_suffix(".part")
    data = Image.fromarray((picture * 255 + 0.5).astype(np.uint8))
    data.save(partial, format="WEBP", quality=QUALITY, method=6)
    partial.replace(target)


def fault(picture: Pixels) -> str | None:
    """Say what is wrong with a picture: too dark, too bright or empty; None if nothing is."""
    grey = picture @ LUMA
    if float(np.percentile(grey, 95)) < 0.13:
        return "too dark"
    if float(np.percentile(grey, 10)) > 0.93:
        return "too bright"
    rows, columns = np.diff(grey, axis=0), np.diff(grey, axis=1)
    if float(grey.std()) < 0.025 or max(float(rows.std()), float(columns.std())) < 0.006:
        return "almost empty"
    return None
