"""What ships: `redrawn`, gone on with on bridges that we render by the hundred.

python -m model train --recipe taught_rendered --train-files data --job-dir rendered --start REDRAWN

REDRAWN is the checkpoint that `redrawn` ends with. 24 of the 64 in each batch are pairs of pictures
of one rendered bridge, drawn together, and so are those of one type; the teacher is not asked of
them, for it finds pictures of one bridge in other light unlike.

50 minutes on two cores that did other work, too: 1,653 steps; 40 minutes for the teacher's answers
to three views each of 18,533 pictures (1,396 of 349 rendered bridges; 936 put aside). mAP in the
gallery: .49 for the type (.33 before), .09 for the same bridge (.05). Photographs stay where they
were: of `instances`, 31 places, .724 (.734 before); of the three types at 64 px that were put
aside, .557 (.560). With smaller squares, on a third of the photographs, it was .44, .08 and .718.
To expect: .53 for the same bridge (.54 before), .73 for its type (.71); docs/figures/quality.md.
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
    epochs=3,
    schedule=Schedule(shape="cosine", warmup=50),
    augmentation=Augmentation(
        mirror=True,
        brightness=0.4,
        contrast=0.4,
        saturation=0.4,
        first_side=192,
        first_share=0.6,
    ),
    teaching=Teaching(reconstruction=4.0),
    contrast=Contrast(pairs=12, weight=0.5, kinds=0.5, taught=False),
    rebuilt=0.25,
    repeats={"train": 6, "bridge": 3, "aqueduct": 2},
)
