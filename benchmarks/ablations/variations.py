"""The recipe `taught_small`, whole, and with one of its parts left out, or one more."""

from collections.abc import Callable
from typing import Final

import msgspec

from model.training import recipes
from model.training.configuration import Recipe, Teaching

WHOLE: Final = "small network, whole recipe"


def variations() -> dict[str, Recipe]:
    """Return every recipe that is trained, by the name of its row; the whole one first."""
    whole = recipes.find("taught_small")
    return {WHOLE: whole} | {name: change(whole) for name, change in _CHANGES.items()}


def _teaching(**fields: float) -> Callable[[Recipe], Recipe]:
    def change(recipe: Recipe) -> Recipe:
        return msgspec.structs.replace(
            recipe, teaching=msgspec.structs.replace(recipe.teaching or Teaching(), **fields)
        )

    return change


def _augmentation(**fields: float) -> Callable[[Recipe], Recipe]:
    def change(recipe: Recipe) -> Recipe:
        return msgspec.structs.replace(
            recipe, augmentation=msgspec.structs.replace(recipe.augmentation, **fields)
        )

    return change


_CHANGES: Final[dict[str, Callable[[Recipe], Recipe]]] = {
    "- reconstruction": _teaching(reconstruction=0.0),
    "- cosine to the teacher": _teaching(cosine=0.0),
    "- cells": _teaching(cells=0.0),
    "- similarity": _teaching(similarity=0.0),
    "- views (whole pictures only)": _teaching(views=1),
    "- mirror": _augmentation(mirror=False),
    "- colours": _augmentation(brightness=0.0, contrast=0.0, saturation=0.0),
    "- pairs of rendered bridges": lambda recipe: msgspec.structs.replace(recipe, contrast=None),
    "- bridges more often": lambda recipe: msgspec.structs.replace(recipe, repeats={}),
    "+ targets half whitened": _teaching(whitening=0.5),
}
