"""Chooses views: many places are tried, and the best one is kept."""

import numpy as np

from rendering.photographers import propose
from rendering.plan import BridgePlan
from rendering.score import Place, rate
from rendering.view import FORMATS, View

KINDS = ("bank", "water", "air", "deck", "below", "detail", "trees")
TRIES = 20


def choose_view(
    place: Place, kind: str, taken: list[View], rng: np.random.Generator
) -> tuple[View, float]:
    """Try many places of one kind and keep the best with its score; `taken` ones are no good."""
    shape = choose_format(kind, place.plan, rng)
    views = [propose(place, kind, shape, rng) for _ in range(TRIES)]
    scores = [rate(place, view) * rng.uniform(0.85, 1.0) for view in views]
    scores = [
        0.0 if any(view.resembles(other) for other in taken) else score
        for view, score in zip(views, scores, strict=True)
    ]
    best = int(np.argmax(scores))
    return views[best], scores[best]


def choose_format(kind: str, plan: BridgePlan, rng: np.random.Generator) -> str:
    """Choose the picture's format: panoramas suit long bridges, portraits suit close views."""
    upright = {"below": 0.3, "detail": 0.35, "deck": 0.15}.get(kind, 0.0)
    broad = 0.2 if kind in ("bank", "water") and plan.length > 120 else 0.0
    chances = [0.72 - upright / 2 - broad / 2, 0.28 - upright / 2 - broad / 2, upright, broad]
    return str(rng.choice(list(FORMATS), p=np.array(chances) / sum(chances)))
