"""A residual network that learns what EfficientNet-Lite knows of the same pictures.

python -m model prepare PHOTOS --out data
python -m model teach data
python -m model train --recipe taught --train-files data --job-dir taught

The target of a picture is what the teacher says of it (or of its mirror image, where training sees
that); the decoder is trained beside it, at half the tutorial's width: at full width it would cost
nearly as many multiplications as the encoder. Folders of bridges come up more often than others.
"""

from typing import Final

from model.training.configuration import Augmentation, Recipe, Residual, Schedule, Teaching

RECIPE: Final = Recipe(
    name="taught",
    network=Residual(
        encoder=(16, 32, 64, 128, 256, 512),
        decoder=(256, 128, 64, 32, 16, 3),
        blocks=(0, 0, 1, 1, 1, 1),
    ),
    batch_size=64,
    learning_rate=2e-3,
    optimizer="adamw",
    weight_decay=0.01,
    epochs=100,
    schedule=Schedule(shape="cosine", warmup=200),
    augmentation=Augmentation(
        mirror=True, smallest_crop=0.6, brightness=0.3, contrast=0.3, saturation=0.3, side=192
    ),
    teaching=Teaching(),
    repeats={"train": 4, "instances": 4, "train_64px": 2, "bridge": 2, "aqueduct": 2},
)
