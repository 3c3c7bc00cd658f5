"""What decides a run: the recipe's fields, and the record that every checkpoint carries.

A recipe plus a seed plus the data give the same weights again; whoever holds a checkpoint can
rebuild the network, and go on, from this record alone.
"""

from typing import Literal

import msgspec

from model.images import SIDE

Precision = Literal["auto", "float32", "bfloat16"]


class Network(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="convolutions"
):
    """Strided convolutions down to a code, and transposed ones back; 3x3, stride 2 throughout.

    Each entry halves (encoder) or doubles (decoder) the side and names the channels. The tag tells
    the kinds of network apart.
    """

    encoder: tuple[int, ...]
    decoder: tuple[int, ...]


class Residual(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="residual"
):
    """The same stages with batch normalisation; it takes pictures of any whole number of codes.

    blocks: for each stage of the encoder, how many residual blocks of two 3x3 convolutions follow.
    """

    encoder: tuple[int, ...]
    decoder: tuple[int, ...]
    blocks: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.blocks) != len(self.encoder):
            raise TypeError(f"blocks names {len(self.blocks)} of {len(self.encoder)} stages")


AnyNetwork = Network | Residual


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the learning rate moves: linearly up over `warmup` steps, then by `shape`."""

    shape: Literal["constant", "cosine"] = "constant"
    warmup: int = 0


class Augmentation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a picture varies between epochs; the reconstruction's target varies with it.

    mirror: left and right are exchanged in half of the cases.
    smallest_crop: the shortest side of the random square crop, as a share of the picture's side.
    brightness, contrast, saturation: how far each factor may be from 1, in either direction.
    side: of the squares that training sees, in pixels; smaller ones train faster.
    first_side, first_share: the first steps, that share of all, see squares of another side (after
        M. Tan and Q. Le, "EfficientNetV2", 2021); 0 for none.
    """

    mirror: bool = False
    smallest_crop: float = 1.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    side: int = SIDE
    first_side: int = SIDE
    first_share: float = 0.0

    @property
    def sides(self) -> tuple[int, ...]:
        """Every side of squares that is used."""
        return (self.side, self.first_side) if self.first_share else (self.side,)


class Teaching(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a teacher's targets are learnt: by a head, linear on each cell of the code, and its mean.

    teacher, dimensions: of the targets that `teach` has written.
    views: how many of each picture's views are shown; 0 for all that the teacher was asked about.
    whitening: how far the targets' axes are brought to the same strength, from 0, as they are, to
        1; what tells similar pictures apart lies on weak ones.
    temperature: what similarities within a batch are divided by before they are compared.
    reconstruction, cosine, cells, similarity: weights of the mean squared error, of 1 - cosine to
        the target, of the same for each cell of the code, and of the divergence of the batch's
        similarities from the teacher's.
    """

    teacher: str = "efficientnet-lite0-224-lite2-260"
    dimensions: int = 512
    views: int = 0
    whitening: float = 0.0
    temperature: float = 0.1
    reconstruction: float = 1.0
    cosine: float = 1.0
    cells: float = 1.0
    similarity: float = 1.0


class Contrast(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How pictures of one thing are drawn together, and others apart.

    Half of a batch are pictures in the order of the epoch, the other half a partner for each:
    another picture of its group, or of a picture without group itself, cut and coloured anew.
    Compared is what the head says, or where nothing is taught, what a projector says that is used
    for nothing else (T. Chen and others, "SimCLR", 2020).

    pairs: where it is not 0, only so many pairs of pictures of one group fill the end of each
        batch; everything else in it is only what they are told from.
    temperature: what similarities are divided by. weight: of this part of the loss.
    kinds: where it is not 0, the pictures whose kind is known are drawn to those of the same kind,
        away from those of another one, with this weight.
    taught: whether the pairs are taught by the teacher as well, who may find two pictures of one
        thing in other light unlike.
    hidden, dimensions: of the projector.
    """

    pairs: int = 0
    temperature: float = 0.1
    weight: float = 1.0
    kinds: float = 0.0
    taught: bool = True
    hidden: int = 512
    dimensions: int = 128


class Adapting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a trained network is adapted to other pictures, held by what it said of them before.

    start: the SHA-256 of the checkpoint that it starts from. teaching: what its head was taught.
    temperature: what similarities within a batch are divided by.
    reconstruction, cosine, similarity, contrast: weights of the parts of the loss, see
        `holding.py`.
    alike: the cosine from which on two pictures count as one, and are not told apart.
    pictures: how many, counted each time, the steps show in all. seconds: the most they may take.
    """

    start: str = ""
    teaching: Teaching | None = None
    temperature: float = 0.1
    reconstruction: float = 1.0
    cosine: float = 1.0
    similarity: float = 1.0
    contrast: float = 0.5
    alike: float = 0.95
    pictures: int = 6_000
    seconds: float = 600.0


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about a training but its data and its seed.

    `precision` "auto" is bfloat16 where the processor computes with it, else float32.
    `weight_decay` is AdamW's. `repeats`: how often an epoch shows each picture, by the first folder
    of its path; once where none is named. `rebuilt`: the share of each batch that the decoder
    draws; a decoder as wide as the encoder takes half of the time otherwise. `only_decoder`: the
    encoder and the head stay as they begin.
    """

    name: str
    network: AnyNetwork
    batch_size: int
    learning_rate: float
    epochs: int
    schedule: Schedule = Schedule()
    augmentation: Augmentation = Augmentation()
    optimizer: Literal["adam", "adamw"] = "adam"
    weight_decay: float = 0.0
    teaching: Teaching | None = None
    contrast: Contrast | None = None
    rebuilt: float = 1.0
    only_decoder: bool = False
    repeats: dict[str, int] = {}
    precision: Precision = "auto"
    adapting: Adapting | None = None

    @property
    def head(self) -> Teaching | None:
        """What the network's head was taught, in this training or before; None without a head."""
        return self.teaching if self.adapting is None else self.adapting.teaching

    def __post_init__(self) -> None:
        smallest = 1 << len(self.network.encoder)
        for side in self.augmentation.sides:
            if side % smallest or side < smallest:
                raise TypeError(f"side {side} is no multiple of {smallest}")
            if side != SIDE and isinstance(self.network, Network):
                raise TypeError(f"side {side} needs a residual network: this one takes {SIDE}")
        if self.contrast is not None and self.batch_size < 2 * max(2, self.contrast.pairs + 1):
            least = 2 * max(2, self.contrast.pairs + 1)
            raise TypeError(f"contrast needs a batch_size of {least} or more: pairs, and others")
        if self.teaching is not None and self.augmentation.smallest_crop < 1.0:
            raise TypeError("smallest_crop is given, but what is taught are the teacher's views")
        if not 0.0 < self.rebuilt <= 1.0:
            raise TypeError(f"rebuilt {self.rebuilt} is no share above 0")
        if any(times < 0 for times in self.repeats.values()):
            raise TypeError("repeats holds a number below 0")


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data of a run: where it was, how many pictures, and a hash over all of their contents."""

    files: str
    pictures: int
    fingerprint: str


class Stage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training whose weights another one began with. seconds: spent on its steps."""

    recipe: str
    steps: int
    seconds: float


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stays the same from the first step of a training to its last.

    targets: the hash of the teacher's targets, "" where nothing is taught.
    start: the SHA-256 of the checkpoint whose weights it began with, "" for fresh ones.
    before: the trainings that led to those weights, the first one first.
    """

    recipe: Recipe
    seed: int
    training: Source
    evaluation: Source
    targets: str = ""
    start: str = ""
    before: tuple[Stage, ...] = ()


class State(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training as a checkpoint holds it, beside weights and optimizer.

    step: steps done. seconds: spent on them. evaluation_loss: by epoch, mean squared error in
    [-1, 1] units. evaluation_cosine: by epoch, between head and target, where there are targets.
    """

    run: Run
    step: int = 0
    seconds: float = 0.0
    evaluation_loss: dict[int, float] = {}
    evaluation_cosine: dict[int, float] = {}
