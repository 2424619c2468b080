import numpy as np
import pytest

from model import network
from model.chip import CHIP_SIZE
from model.engine import FILES, WEIGHTS


@pytest.fixture(scope="module")
def shipped():
    model = network.build()
    network.load_arrays(model, WEIGHTS / FILES["keras"])
    return model


def test_it_is_the_published_network_with_two_heads(shipped):
    size = sum(int(np.prod(v.shape)) for v in shipped.weights)
    assert 22.5e6 < size < 22.9e6
    assert shipped.output["age"].shape == (None, 101)
    assert shipped.output["gender"].shape == (None, 1)


def test_arrays_survive_being_saved_and_loaded(shipped, tmp_path):
    network.save_arrays(shipped, tmp_path / "copy.npz")
    copy = network.build()
    network.load_arrays(copy, tmp_path / "copy.npz")
    chip = np.random.default_rng(0).integers(0, 256, (1, CHIP_SIZE, CHIP_SIZE, 3), np.uint8)
    for head in network.HEADS:
        assert np.allclose(shipped(chip)[head], copy(chip)[head], atol=1e-3)


def test_a_backbone_in_int8_is_read_with_its_scales(shipped, tmp_path):
    found = {}
    for name, array in network.arrays(shipped).items():
        if name.endswith("_kernel"):
            scale = np.abs(array).max() / 127
            found[f"{name}_scale"] = np.full(array.shape[-1], scale, "float32")
            array = np.round(array / scale).astype("int8")
        found[name] = array
    np.savez(tmp_path / "int8.npz", **found)
    read = network.build()
    network.load_arrays(read, tmp_path / "int8.npz")
    ours = network.arrays(read)
    for name, array in network.arrays(shipped).items():
        assert np.allclose(ours[name], array, atol=np.abs(array).max() / 200)


def test_a_backbone_without_heads_leaves_the_heads_alone(shipped, tmp_path):
    with np.load(WEIGHTS / FILES["keras"]) as arrays:
        kept = {name: arrays[name] for name in arrays if not name.startswith(network.HEADS)}
    np.savez(tmp_path / "backbone.npz", **kept)
    fresh = network.build()
    head = np.array(fresh.get_layer("age").kernel)
    network.load_arrays(fresh, tmp_path / "backbone.npz")
    assert np.array_equal(fresh.get_layer("age").kernel, head)
    stem = [model.get_layer("Conv2d_1a_3x3").kernel for model in (fresh, shipped)]
    assert np.array_equal(*stem)


def test_a_missing_array_is_an_error(tmp_path):
    np.savez(tmp_path / "empty.npz")
    with pytest.raises(KeyError):
        network.load_arrays(network.build(), tmp_path / "empty.npz")
