"""Light and weather of a picture: numbers for the sky, and words for the record."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Light:
    """The sky and the air of one picture."""

    name: str
    weather: str
    elevation: float  # of the sun, degrees
    azimuth: float  # of the sun, radians from the x axis, anticlockwise
    sun: float  # strength of the sun's disc, 0 for none
    dust: float
    cover: float  # part of the sky in clouds
    grey: float  # how far the sky is closed, 0 to 1
    haze: float  # extinction near the ground, per metre
    lamps: float
    night: float
    glow: float  # how much of a town's light the night sky shows, 0 to 1
    wet: float  # how wet ground and roads are, 0 to 1
    key: float  # brightness that development aims at
    cloud_seed: float
    wind: float  # strength of the ripples


# Bounds of elevation, of the bearing from the view's direction (0: against the light), and key.
SUNS: dict[str, tuple[tuple[float, float], tuple[float, float], float]] = {
    "noon": ((38, 58), (70, 160), 0.20),
    "low sun": ((9, 18), (75, 150), 0.18),
    "dusk": ((1.2, 3.5), (0, 45), 0.13),
    "overcast": ((35, 50), (90, 180), 0.17),
    "fog": ((20, 35), (60, 120), 0.27),
    "night": ((25, 40), (60, 150), 0.0),  # the moon
}
LIGHTS = tuple(SUNS)


def make_light(
    name: str, heading: float, winter: bool, distance: float, rng: np.random.Generator
) -> Light:
    """Set the sky for a camera that looks towards `heading` at a bridge at this distance."""
    elevations, bearings, key = SUNS[name]
    elevation = float(rng.uniform(*elevations)) * (0.6 if winter and name == "noon" else 1)
    bearing = np.radians(rng.uniform(*bearings)) * rng.choice([-1, 1])
    clear = name in ("noon", "low sun", "dusk")
    closed = name in ("overcast", "fog")
    weather = choose_weather(name, winter, rng)
    thin = {"overcast": 1 / 9000, "night": 1 / 9000, "dusk": 1 / 15000}
    haze = thin.get(name, rng.uniform(1 / 9000, 1 / 4200))
    if name == "fog":
        haze = rng.uniform(0.35, 0.8) / max(distance, 60.0)
    if weather in ("rain", "snow"):
        haze = rng.uniform(0.12, 0.28) / max(distance, 150.0)
    return Light(
        name=name,
        weather=weather,
        elevation=elevation,
        azimuth=float(heading + bearing),
        sun=0.0 if closed or name == "night" else 1.0,
        dust=float(rng.uniform(0.5, 2.5) if name != "dusk" else rng.uniform(0.8, 1.8)),
        cover=float(rng.uniform(0.25, 0.62)) if clear else 1.0 if closed else 0.0,
        grey=1.0 if closed else 0.0,
        haze=float(haze),
        lamps={"night": 1.0, "dusk": 0.3}.get(name, 0.0),
        night=1.0 if name == "night" else 0.0,
        glow=float(rng.uniform(0.1, 0.6)),
        wet=float(weather == "rain"),
        key=key,
        cloud_seed=float(rng.uniform(0, 100)),
        wind=float(rng.uniform(0.25, 1.0)),
    )


def choose_weather(name: str, winter: bool, rng: np.random.Generator) -> str:
    """Return the word for the weather: half of the closed skies and some nights are wet."""
    fall = "snow" if winter else "rain"
    if name == "overcast":
        return fall if rng.random() < 0.5 else "cloud"
    if name == "night" and not winter and rng.random() < 0.4:
        return "rain"
    return "fog" if name == "fog" else "fair"
