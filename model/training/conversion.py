"""Graphs as LiteRT files: in float32, or with convolutions in 8-bit integers."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from ai_edge_litert.interpreter import Interpreter

from model.training.data import Pictures
from model.training.runtime import tf

_INTEGER: Final = frozenset(("CONV_2D", "ADD"))  # what is quantised: the encoder, not its head
_REPRESENTATIVE: Final = 200  # pictures that the ranges of all values are taken from

Graph = Callable[[Any], dict[str, Any]]


def lite(graph: Graph, name: str, inputs: Any, argument: str, *, halved: bool = False) -> bytes:
    """Convert a graph to a LiteRT file with this one signature.

    halved: store weights as float16; LiteRT computes in float32 all the same. What the decoder
    draws is only looked at.
    """
    with _converter(graph, name, inputs, argument) as converter:
        if halved:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        content: bytes = converter.convert()
    return content


def lite_in_integers(
    graph: Graph, name: str, inputs: Any, argument: str, pictures: Pictures
) -> bytes:
    """Convert a graph of pictures so that its convolutions, and sums of them, compute in int8.

    Everything else stays float32: scaling, head, projection. pictures: of the training; the ranges
    of the integers are taken from some of them.
    """

    def some() -> Iterator[dict[str, Any]]:
        for pixels in pictures.some(_REPRESENTATIVE).batches(1):
            yield {argument: pixels}

    kinds = _kinds(lite(graph, name, inputs, argument))
    options = tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=sorted(kinds - _INTEGER))
    with _converter(graph, name, inputs, argument) as converter, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what becomes of its interpreter: ours is LiteRT's
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = some
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter, debug_dataset=some, debug_options=options
        )
        content: bytes = debugger.get_nondebug_quantized_model()
    return content


@contextmanager
def _converter(graph: Graph, name: str, inputs: Any, argument: str) -> Iterator[Any]:
    """Lend a converter of the graph; what it reads is gone afterwards."""
    module = tf.Module()
    spec = tf.TensorSpec(inputs.shape, inputs.dtype, name=argument)
    module.run = tf.function(graph, input_signature=[spec])
    with tempfile.TemporaryDirectory(prefix="saved-model-") as folder:
        tf.saved_model.save(module, folder, signatures={name: module.run})
        yield tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[name])


def _kinds(content: bytes) -> set[str]:
    """Return the names of the operations in a LiteRT file."""
    operations = Interpreter(model_content=content)._get_ops_details()
    return {operation["op_name"] for operation in operations}
