"""The int8 weights overflow on no processor's 16-bit sums."""

import numpy as np
import onnx
import pytest

from model import engine
from training.quantise import ranges


def largest_sum(kernel):
    """The largest sum of two neighbouring products, at the largest activation."""
    rows = kernel.transpose(0, 2, 3, 1).reshape(len(kernel), -1).astype(int)
    rows = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))
    pairs = rows.reshape(len(kernel), -1, 2)
    return 255 * max(np.maximum(sign * pairs, 0).sum(axis=2).max() for sign in (1, -1))


@pytest.mark.parametrize("shape", [(8, 3, 3, 3), (16, 32, 1, 7), (4, 1, 1, 1)])
def test_no_two_neighbours_overflow_16_bits(shape):
    kernel = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    limit = ranges(kernel)
    quantised = np.rint(kernel * 127 / limit.reshape(-1, 1, 1, 1))
    assert np.abs(quantised).max() <= 127
    assert largest_sum(quantised) < 2**15
    all_8_bits = np.rint(kernel * 127 / np.abs(kernel).max(axis=(1, 2, 3), keepdims=True))
    assert shape == (4, 1, 1, 1) or largest_sum(all_8_bits) >= 2**15


def test_lone_and_opposite_weights_keep_all_8_bits():
    kernel = np.array([[1.0, 0.0], [1.0, -1.0], [1.0, 1.0]], np.float32).reshape(3, 2, 1, 1)
    assert ranges(kernel).tolist() == [1.0, 1.0, 2.0]


def test_the_shipped_graph_overflows_nowhere():
    graph = onnx.load(engine.WEIGHTS / engine.FILES["onnx"]).graph
    kernels = [
        onnx.numpy_helper.to_array(tensor)
        for tensor in graph.initializer
        if tensor.data_type == onnx.TensorProto.INT8 and len(tensor.dims) == 4
    ]
    assert len(kernels) > 100
    assert max(map(largest_sum, kernels)) < 2**15
