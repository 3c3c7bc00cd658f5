"""On the way to what ships: `taught_sharp`, gone on with on bridges that we render by the hundred.

python -m model train --recipe taught_rendered --train-files data --job-dir rendered --start SHARP
"""

from typing import Final

from model.training.configuration import Augmentation, Contrast, Recipe, Schedule, Teaching
from model.training.recipes.taught import RECIPE as TAUGHT

RECIPE: Final = Recipe(
    name="taught_rendered",
    network=TAUGHT.network,
    batch_size=64,
    learning_rate=4e-4,
    optimizer="adamw",
    weight_decay=0.05,
    epochs=6,
    schedule=Schedule(shape="cosine", warmup=50),
    augmentation=Augmentation(
        mirror=True,
        brightness=0.4,
        contrast=0.4,
        saturation=0.4,
        side=192,
        first_side=128,
        first_share=0.5,
    ),
    teaching=Teaching(reconstruction=4.0),
    contrast=Contrast(pairs=16, weight=0.5, kinds=0.5, taught=False),
    rebuilt=0.25,
    repeats={"train": 4, "bridge": 2, "aqueduct": 1, "rendered": 1},
)
