"""The network compared with the most that the core can do, a large matrix product in the same
runtime: both by turns with one thread on one core."""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bench import machine
from bench.tables import Table, command
from bench.turns import medians
from model.engine import FILES, WEIGHTS, open_engine
from model.estimator import self_test_chip
from model.session import open_session

TITLE = "Roofline"
NETWORK = "the network, one face"
SIDE = 1024  # of the square matrices
Work = tuple[float, Callable[[], object]]  # number of multiply-adds, and what computes them


def measure(repeats: int) -> list[Table]:
    """Milliseconds and rates on one core."""
    with machine.on(machine.SERVICE):
        engine, chip = open_engine(), self_test_chip()
        works: dict[str, Work] = {
            "int8 matrix product": product(np.uint8, np.int8),
            "float32 matrix product": product(np.float32, np.float32),
            NETWORK: (macs(onnx.load(WEIGHTS / FILES["onnx"])), lambda: engine.run(chip)),
        }
        times = medians({name: work for name, (_, work) in works.items()}, repeats, "roofline")
    rates = {name: count / times[name] / 1e6 for name, (count, _) in works.items()}
    return [
        Table(
            TITLE,
            f"One thread of ONNX Runtime; matrices of {SIDE} x {SIDE}, uint8 times int8 as in the "
            "network; medians. *Ratio*: how many times longer the network takes than its "
            "multiply-adds would at that rate.",
            [
                {
                    "work": name,
                    "million multiply-adds": round(count / 1e6),
                    "ms": round(times[name], 2),
                    "GOP/s": round(2 * rates[name]),
                    "ratio": round(rates[name] / rates[NETWORK], 2),
                }
                for name, (count, _) in works.items()
            ],
        )
    ]


def product(left: type, right: type) -> Work:
    """The right matrix is a constant, like weights, so that the runtime can prepack it."""
    values = np.random.default_rng(0).integers(-60, 60, (2, SIDE, SIDE))
    is_int = left is not np.float32
    out = TensorProto.INT32 if is_int else TensorProto.FLOAT
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(left))
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger" if is_int else "MatMul", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", kind, [SIDE, SIDE])],
        [helper.make_tensor_value_info("c", out, [SIDE, SIDE])],
        [numpy_helper.from_array(values[0].astype(right), "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    session = open_session(model.SerializeToString())
    inputs = {"a": (values[1] + 60).astype(left)}
    return SIDE**3, lambda: session.run(None, inputs)


def macs(model: onnx.ModelProto) -> int:
    """Multiply-adds for one face in all convolutions and dense layers."""
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_value = 1
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    known = [*graph.value_info, *graph.input, *graph.output]
    shapes = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in known
    }
    shapes |= {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    total = 0
    for node in graph.node:
        if node.op_type == "Conv":
            total += np.prod(shapes[node.output[0]]) * np.prod(shapes[node.input[1]][1:])
        elif node.op_type in ("Gemm", "MatMul"):
            total += np.prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]
    return int(total)


if __name__ == "__main__":
    command(__doc__, measure, "--repeats", 100)
