"""A quarter of the tutorial's width, to try data and settings out: not for a search to rely on.

python -m model train --recipe sketch --train-files data --job-dir sketch
"""

from typing import Final

from model.training.configuration import Network, Recipe

RECIPE: Final = Recipe(
    name="sketch",
    network=Network(
        encoder=(4, 8, 16, 32, 64, 128),
        decoder=(128, 64, 32, 16, 8, 3),
    ),
    batch_size=16,
    learning_rate=1e-3,
    epochs=5,
)
