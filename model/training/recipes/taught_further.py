"""On the way to what ships: `taught`, gone on with on more pictures, and with rendered pairs.

python -m model prepare PHOTOS RENDERED --out data
python -m model teach data
python -m model train --recipe taught_further --train-files data --job-dir further --start TAUGHT

TAUGHT is the checkpoint that `taught` ends with; without it this begins with fresh weights. Most
steps see smaller squares, more than twice as many in a minute. Two pictures of one rendered bridge,
from other places and in other light, are drawn together. The decoder weighs more than before.

Of 16,590 pictures the teacher had seen 8,993 before: 13 minutes for its answers to the others, and
79 for the training, on two cores. To expect, after `redrawn`: mAP .52 for the same bridge, .71 for
its type, .33 for the type in the gallery (docs/figures/quality.md).
"""

from typing import Final

from model.training.configuration import Augmentation, Contrast, Recipe, Schedule, Teaching
from model.training.recipes.taught import RECIPE as TAUGHT

RECIPE: Final = Recipe(
    name="taught_further",
    network=TAUGHT.network,
    batch_size=64,
    learning_rate=1.5e-3,
    optimizer="adamw",
    weight_decay=0.05,
    epochs=32,
    schedule=Schedule(shape="cosine", warmup=200),
    augmentation=Augmentation(
        mirror=True,
        brightness=0.4,
        contrast=0.4,
        saturation=0.4,
        side=192,
        first_side=128,
        first_share=0.6,
    ),
    teaching=Teaching(reconstruction=4.0),
    contrast=Contrast(pairs=4, weight=0.25),
    rebuilt=0.25,
    repeats={"train": 4, "bridge": 2, "aqueduct": 2},
)
