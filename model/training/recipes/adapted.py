"""A bundle's network, adapted to a folder of pictures without labels or teacher.

make train PHOTOS=folder

The network is the bundle's, whatever stands here, and how often each picture comes up follows from
how many there are: `adapting.py` fills both in.
"""

from typing import Final

from model.training.configuration import Adapting, Augmentation, Recipe, Schedule
from model.training.recipes import taught

RECIPE: Final = Recipe(
    name="adapted",
    network=taught.RECIPE.network,
    batch_size=32,
    learning_rate=5e-4,
    epochs=6,
    schedule=Schedule(shape="cosine", warmup=20),
    augmentation=Augmentation(
        mirror=True, smallest_crop=0.5, brightness=0.4, contrast=0.4, saturation=0.6, side=192
    ),
    adapting=Adapting(),
)
