"""A float32 graph -> the int8 graph, by ONNX Runtime's static quantisation (QDQ, U8S8, a scale a
channel), calibrated on chips and corrected for the bias that rounding leaves. The heads stay float.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx.numpy_helper import to_array
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from model import network
from model.probabilities import YEARS, deviation, expected, from_logits
from model.session import open_session


def quantise(exact: Path, graph: Path, chips: np.ndarray) -> None:
    """Write `graph` from `exact`; `chips`, see `training.data.Chips`, calibrate the scales."""
    prepared = exact.with_name("prepared.onnx")
    quant_pre_process(exact, prepared, skip_symbolic_shape=True)  # all shapes are known
    nodes = (model := onnx.load(prepared).graph).node
    heads = [node.name for node in nodes if node.op_type in ("MatMul", "Gemm")]
    kernels = {node.input[1] for node in nodes if node.op_type == "Conv"}
    quantize_static(
        prepared,
        graph,
        _Calibration(chips),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        nodes_to_exclude=heads,  # a thousandth of the work, and their rounding is the answer's
        extra_options={
            "TensorQuantOverrides": {
                tensor.name: [
                    {"axis": 0, "rmin": -limit, "rmax": limit}
                    for limit in ranges(to_array(tensor)).tolist()
                ]
                for tensor in model.initializer
                if tensor.name in kernels
            }
        },
    )


def ranges(kernel: np.ndarray) -> np.ndarray:
    """The range of each output channel's weights, (o,) float32, for a kernel (o, i, h, w).

    Without VNNI, x86 multiplies 8-bit numbers in pairs and adds the two products in 16 bits: of
    weights that use all 8 bits, two large neighbours overflow. With the largest sum of two
    neighbours as the range no chip can make them overflow, and most weights keep more than the 7
    bits that ONNX Runtime's `reduce_range` leaves.
    """
    rows = kernel.transpose(0, 2, 3, 1).reshape(len(kernel), -1)  # the order of multiplication
    rows = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))
    pairs = rows.reshape(len(kernel), -1, 2)
    sums = [np.maximum(sign * pairs, 0).sum(axis=2).max(axis=1) for sign in (1, -1)]
    return np.maximum(*sums)


def correct_bias(exact: Path, graph: Path, chips: np.ndarray) -> None:
    """Rounding shifts every logit a little, always the same way: subtract the mean shift from the
    heads' biases (Nagel et al., "Data-Free Quantization", 2019), then correct what remains of it
    in the expected age."""
    wanted = logits(exact, chips)
    for head, before, after in zip(network.HEADS, wanted, logits(graph, chips), strict=True):
        add_bias(graph, head, (before - after).mean(axis=0))
    before, after = (from_logits(*found)[0] for found in (wanted, logits(graph, chips)))
    # tilting all logits by t moves an expectation by t times its variance
    tilt = (expected(before) - expected(after)).mean() / np.square(deviation(after)).mean()
    add_bias(graph, "age", tilt * (YEARS - YEARS.mean()))


def add_bias(graph: Path, head: str, shift: np.ndarray) -> None:
    change_head(graph, head, lambda kernel, bias: (kernel, bias + shift))


def cool(graph: Path, temperature: float) -> None:
    """Divide the gender's logit by `temperature`."""
    change_head(graph, "gender", lambda *arrays: [array / temperature for array in arrays])


def change_head(graph: Path, head: str, change: Callable) -> None:
    """Replace the head's float kernel and bias by what `change` makes of them."""
    model = onnx.load(graph)
    (node,) = (n for n in model.graph.node if n.op_type == "Gemm" and f"/{head}" in n.name)
    named = {tensor.name: tensor for tensor in model.graph.initializer}
    tensors = [named[name] for name in node.input[1:]]
    for tensor, array in zip(tensors, change(*map(to_array, tensors)), strict=True):
        tensor.CopyFrom(onnx.numpy_helper.from_array(array.astype(np.float32), tensor.name))
    onnx.save(model, graph)


def logits(graph: Path, chips: np.ndarray) -> list[np.ndarray]:
    """The graph's outputs: [(n, 101), (n, 1)]."""
    session = open_session(graph)
    parts = [
        session.run(network.HEADS, {"chips": chips[i : i + 32]}) for i in range(0, len(chips), 32)
    ]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


class _Calibration(CalibrationDataReader):
    def __init__(self, chips: np.ndarray):
        self._chips = iter(chips)

    def get_next(self) -> dict | None:
        pixels = next(self._chips, None)
        return None if pixels is None else {"chips": pixels[None]}
