"""DeepFace's networks with random weights; its own are a download outside npm and PyPI.

The layers of deepface/models/facial_recognition/tf/VGGFace.py: VGG-16 of 224x224 pixels, with
the head of its Age or Gender model. How long a network takes does not depend on its weights.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels, convolutions
HIDDEN = 4096


def write(path: Path, classes: int) -> None:
    """A graph from (1, 224, 224, 3) float32 to (1, `classes`) probabilities."""
    graph = Layers()
    channels = 3
    for wide, times in STAGES:
        for _ in range(times):
            graph.convolution(channels, wide, 3)
            graph.add("Relu")
            channels = wide
        graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    for before, side in ((channels, 7), (HIDDEN, 1)):  # 7x7x512 -> 1x1x4096 -> 1x1x4096
        graph.convolution(before, HIDDEN, side, padding=0)
        graph.add("Relu")
    graph.convolution(HIDDEN, classes, 1)
    graph.add("Flatten")
    graph.add("Softmax")
    onnx.save(graph.model(classes), path)


class Layers:
    """A chain of ONNX nodes, each with the output of the previous one as its input."""

    def __init__(self):
        self.nodes: list = []
        self.weights: list = []
        self.last = "image"
        self.random = np.random.default_rng(0)
        self.add("Transpose", perm=[0, 3, 1, 2])

    def add(self, kind: str, *weights: np.ndarray, **attributes) -> None:
        name = f"{kind}{len(self.nodes)}"
        names = [f"{name}_{i}" for i in range(len(weights))]
        self.weights += map(numpy_helper.from_array, weights, names)
        self.nodes.append(helper.make_node(kind, [self.last, *names], [name], **attributes))
        self.last = name

    def convolution(self, before: int, after: int, side: int, padding: int | None = None) -> None:
        inputs = before * side * side
        kernel = self.random.standard_normal((after, before, side, side), np.float32)
        # He initialisation: values that vanish would be denormal and slow
        kernel *= np.float32((2 / inputs) ** 0.5)
        pads = [side // 2 if padding is None else padding] * 4
        self.add("Conv", kernel, np.zeros(after, np.float32), pads=pads)

    def model(self, classes: int) -> onnx.ModelProto:
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 224, 224, 3])
        answer = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, [1, classes])
        graph = helper.make_graph(self.nodes, "vgg-face", [image], [answer], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
