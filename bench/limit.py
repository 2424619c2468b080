"""The network beside what the core can do at all: a large matrix product in the same runtime.

    python -m bench.limit [--repeats 100]

Both with one thread on one core, in turns.
"""

import statistics
from collections.abc import Callable
from time import perf_counter

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from rich.console import Console
from rich.progress import track

from bench import machine, report
from bench.report import Table
from model.engine import FILES, WEIGHTS, open_engine
from model.estimator import self_test_chip

SIDE = 1024  # of the square matrices
Work = tuple[float, Callable[[], object]]  # multiply-adds, and what does them


def measure(repeats: int) -> list[Table]:
    """Milliseconds and rates, all on one core, in turns."""
    with machine.on(machine.SERVICE):
        works = {
            "int8 matrix product": product(np.uint8, np.int8),
            "float32 matrix product": product(np.float32, np.float32),
            "the network, one face": network(),
        }
        times = in_turns({name: work for name, (_, work) in works.items()}, repeats)
    rates = {name: macs / times[name] / 1e9 for name, (macs, _) in works.items()}
    ours = rates["the network, one face"]
    return [
        Table(
            "The network and the core's limit",
            f"One thread of ONNX Runtime; matrices of {SIDE} x {SIDE}, uint8 times int8 as in the "
            "network; medians. *Ratio*: how many times longer the network takes than its "
            "multiply-adds would at that rate.",
            [
                {
                    "work": name,
                    "million multiply-adds": round(macs / 1e6),
                    "ms": round(times[name] * 1000, 2),
                    "GOP/s": round(2 * rates[name]),
                    "ratio": round(rates[name] / ours, 2),
                }
                for name, (macs, _) in works.items()
            ],
        )
    ]


def in_turns(works: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in track(range(repeats), "limit", console=Console(stderr=True)):
        for name, work in works.items():
            began = perf_counter()
            work()
            times[name].append(perf_counter() - began)
    return {name: statistics.median(values) for name, values in times.items()}


def product(left: type, right: type) -> Work:
    """The right matrix is constant, as weights are, so that the runtime may prepare it."""
    values = np.random.default_rng(0).integers(-60, 60, (2, SIDE, SIDE))
    whole = left is not np.float32
    out = TensorProto.INT32 if whole else TensorProto.FLOAT
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(left))
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger" if whole else "MatMul", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", kind, [SIDE, SIDE])],
        [helper.make_tensor_value_info("c", out, [SIDE, SIDE])],
        [numpy_helper.from_array(values[0].astype(right), "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    given = {"a": (values[1] + 60).astype(left)}
    return SIDE**3, lambda: session.run(None, given)


def network() -> Work:
    engine, chip = open_engine(), self_test_chip()
    return macs(onnx.load(WEIGHTS / FILES["onnx"])), lambda: engine.run(chip)


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
    report.command(__doc__, measure, "--repeats", 100)
