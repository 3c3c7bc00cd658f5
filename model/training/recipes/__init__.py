"""Recipes: one file each, holding one `RECIPE`, whose docstring says what to expect of it."""

import importlib
import pkgutil

from model.training.configuration import Recipe
from model.training.errors import TrainingError


def names() -> list[str]:
    """List the recipes that exist."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(name: str) -> Recipe:
    """Return a recipe by the name of its file.

    Raises TrainingError that lists the recipes, or the fields of one that is written wrongly.
    """
    if name not in names():
        raise TrainingError(f"There is no recipe {name!r}. There are: {', '.join(names())}.")
    try:
        recipe = importlib.import_module(f"{__name__}.{name}").RECIPE
    except TypeError as error:  # msgspec's answer to a field that it does not know
        fields = ", ".join(Recipe.__struct_fields__)
        problem = f"The recipe {name!r} is not written as one ({error})."
        raise TrainingError(f"{problem} A recipe has these fields: {fields}.") from error
    if not isinstance(recipe, Recipe):
        raise TrainingError(f"The recipe {name!r} holds no Recipe under the name RECIPE.")
    return recipe
