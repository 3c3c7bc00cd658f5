"""`taught_further`, gone on with squares as large as those that are searched.

python -m model train --recipe taught_sharp --train-files data --job-dir sharp --start FURTHER

FURTHER is the checkpoint that `taught_further` ends with. That saw squares of 128 and 192 pixels,
in which everything is smaller than in a search (H. Touvron and others, "Fixing the train-test
resolution discrepancy", 2019). Bridges, and above all sharp ones, come more often.

An hour on two cores that did other work, too. The cosine to the teacher on pictures that were put
aside rose from .58 to .63, and the mAP of three types of bridge among those of them at 64 px from
.540 to .581; of `instances`, 31 places, it stayed (.728 and .722). To expect, after `redrawn`: mAP
.54 for the same bridge, .71 for its type, .33 for the type in the gallery.
"""

from typing import Final

from model.training.configuration import Augmentation, Contrast, Recipe, Schedule, Teaching
from model.training.recipes.taught import RECIPE as TAUGHT

RECIPE: Final = Recipe(
    name="taught_sharp",
    network=TAUGHT.network,
    batch_size=64,
    learning_rate=5e-4,
    optimizer="adamw",
    weight_decay=0.05,
    epochs=8,
    schedule=Schedule(shape="cosine", warmup=100),
    augmentation=Augmentation(mirror=True, brightness=0.4, contrast=0.4, saturation=0.4),
    teaching=Teaching(reconstruction=4.0),
    contrast=Contrast(pairs=4, weight=0.25),
    rebuilt=0.25,
    repeats={"train": 6, "bridge": 3, "aqueduct": 2, "rendered": 2},
)
