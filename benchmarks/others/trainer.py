"""Trains on demand, with our step and as `model.fit` does.

`python -m benchmarks.others.trainer`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.measure import milliseconds
from benchmarks.worker import serve
from model.training import recipes
from model.training.autoencoder import build
from model.training.batches import Batch
from model.training.runtime import keras
from model.training.steps import training_step


def main() -> None:
    """Answer {"method": NAME, "steps": N} with pictures per second."""
    recipe = recipes.find("tutorial")
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (recipe.batch_size, 256, 256, 3), np.uint8)
    boxes = np.tile(np.array([0, 0, 1, 1], np.float32), (recipe.batch_size, 1))
    colours, groups = np.ones((len(pixels), 3), np.float32), np.arange(len(pixels))
    nothing = np.zeros((len(pixels), 1, 1, 0), np.float32)
    batch = Batch(pixels, boxes, colours, nothing, groups, -groups, recipe.augmentation.side)
    ours = _compiled(recipe)
    step = training_step(ours, recipe)
    plain = _compiled(recipe)
    images = pixels.astype(np.float32) / 127.5 - 1
    methods: dict[str, Callable[[], object]] = {
        "ours": lambda: float(step(batch).loss),
        "fit": lambda: plain.fit(images, images, batch_size=len(images), verbose=0),
    }

    def answer(question: Any) -> float:
        method, steps = methods[question["method"]], question["steps"]
        taken = milliseconds(lambda: [method() for _ in range(steps)])()
        return float(steps * len(pixels) / taken * 1000)

    serve(answer)


def _compiled(recipe: Any) -> Any:
    autoencoder = build(recipe.network)
    autoencoder.compile(optimizer=keras.optimizers.Adam(recipe.learning_rate), loss="mse")
    return autoencoder


if __name__ == "__main__":
    main()
