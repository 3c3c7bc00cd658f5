"""Tried, not what ships: `taught_sharp`, gone on with on bridges that we render by the hundred.

python -m model train --recipe taught_rendered --train-files data --job-dir rendered --start SHARP

SHARP is the checkpoint of the bundle that ships. Half of each batch are pairs of pictures of one
rendered bridge, drawn together, and so are those of one type; the teacher is not asked of them.

25 minutes on two cores that did other work, too: 1,458 steps on 4,867 photographs and 1,216
pictures of 304 rendered bridges, with two views each. mAP in the gallery: .44 for the type (.33
before), .08 for the same bridge (.05); of `instances`, 28 places, .718 (.734 before; .720 with only
the head begun anew on these data's targets, which are fewer than those of the bundle).
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
