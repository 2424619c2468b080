"""Inception-ResNet-v1 with two heads, age and gender, in Keras 3.

Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on
Learning" (2016), in the variant that D. Sandberg's `facenet` trained on VGGFace2: batch
normalisation without gamma, residual projections with a bias and a fixed scale.

Layers are named as in that backbone's published variables, so its arrays load by name.
"""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
from keras import layers

from model.chip import CHIP_SIZE

AGES = 101  # one class a year, 0 to 100
HEADS = ("age", "gender")

# The published momentum is 0.995: the statistics then lag by hundreds of steps, too many for a
# fine-tuning of a few thousand. At 0.99 they follow within a third of an epoch.
MOMENTUM = 0.99


def conv(x, name: str, filters: int, size, strides: int = 1, padding: str = "same"):
    """Convolution, batch normalisation, ReLU."""
    x = layers.Conv2D(filters, size, strides, padding, use_bias=False, name=name)(x)
    x = layers.BatchNormalization(
        momentum=MOMENTUM, epsilon=1e-3, scale=False, name=f"{name}_BatchNorm"
    )(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def residual(x, branches: list, name: str, scale: float, skip: float, activate: bool = True):
    """Join the branches, project them to the depth of `x`, scale and add them; in training they are
    skipped for a random `skip` of the chips (Huang et al., "Deep Networks with Stochastic Depth",
    2016)."""
    mixed = layers.Concatenate(name=f"{name}_concat")(branches)
    update = layers.Conv2D(x.shape[-1], 1, name=f"{name}_Conv2d_1x1")(mixed)
    update = layers.Dropout(skip, noise_shape=(None, 1, 1, 1), name=f"{name}_skip")(update)
    x = layers.Add(name=f"{name}_add")([x, layers.Rescaling(scale, name=f"{name}_scale")(update)])
    return layers.ReLU(name=f"{name}_relu")(x) if activate else x


def block35(x, name: str, skip: float):
    """Inception-ResNet-A, at 15x15x256."""
    a = conv(x, f"{name}_Branch_0_Conv2d_1x1", 32, 1)
    b = conv(x, f"{name}_Branch_1_Conv2d_0a_1x1", 32, 1)
    b = conv(b, f"{name}_Branch_1_Conv2d_0b_3x3", 32, 3)
    c = conv(x, f"{name}_Branch_2_Conv2d_0a_1x1", 32, 1)
    c = conv(c, f"{name}_Branch_2_Conv2d_0b_3x3", 32, 3)
    c = conv(c, f"{name}_Branch_2_Conv2d_0c_3x3", 32, 3)
    return residual(x, [a, b, c], name, 0.17, skip)


def block17(x, name: str, skip: float):
    """Inception-ResNet-B, at 7x7x896."""
    a = conv(x, f"{name}_Branch_0_Conv2d_1x1", 128, 1)
    b = conv(x, f"{name}_Branch_1_Conv2d_0a_1x1", 128, 1)
    b = conv(b, f"{name}_Branch_1_Conv2d_0b_1x7", 128, (1, 7))
    b = conv(b, f"{name}_Branch_1_Conv2d_0c_7x1", 128, (7, 1))
    return residual(x, [a, b], name, 0.10, skip)


def block8(x, name: str, skip: float, scale: float = 0.20, activate: bool = True):
    """Inception-ResNet-C, at 3x3x1792."""
    a = conv(x, f"{name}_Branch_0_Conv2d_1x1", 192, 1)
    b = conv(x, f"{name}_Branch_1_Conv2d_0a_1x1", 192, 1)
    b = conv(b, f"{name}_Branch_1_Conv2d_0b_1x3", 192, (1, 3))
    b = conv(b, f"{name}_Branch_1_Conv2d_0c_3x1", 192, (3, 1))
    return residual(x, [a, b], name, scale, skip, activate)


def stem(x):
    x = conv(x, "Conv2d_1a_3x3", 32, 3, 2, "valid")  # 71x71x32
    x = conv(x, "Conv2d_2a_3x3", 32, 3, padding="valid")  # 69x69x32
    x = conv(x, "Conv2d_2b_3x3", 64, 3)  # 69x69x64
    x = layers.MaxPooling2D(3, 2, name="MaxPool_3a_3x3")(x)  # 34x34x64
    x = conv(x, "Conv2d_3b_1x1", 80, 1)  # 34x34x80
    x = conv(x, "Conv2d_4a_3x3", 192, 3, padding="valid")  # 32x32x192
    return conv(x, "Conv2d_4b_3x3", 256, 3, 2, "valid")  # 15x15x256


def reduction_a(x):
    a = conv(x, "Mixed_6a_Branch_0_Conv2d_1a_3x3", 384, 3, 2, "valid")
    b = conv(x, "Mixed_6a_Branch_1_Conv2d_0a_1x1", 192, 1)
    b = conv(b, "Mixed_6a_Branch_1_Conv2d_0b_3x3", 192, 3)
    b = conv(b, "Mixed_6a_Branch_1_Conv2d_1a_3x3", 256, 3, 2, "valid")
    c = layers.MaxPooling2D(3, 2, name="Mixed_6a_Branch_2_MaxPool_1a_3x3")(x)
    return layers.Concatenate(name="Mixed_6a")([a, b, c])  # 7x7x896


def reduction_b(x):
    a = conv(x, "Mixed_7a_Branch_0_Conv2d_0a_1x1", 256, 1)
    a = conv(a, "Mixed_7a_Branch_0_Conv2d_1a_3x3", 384, 3, 2, "valid")
    b = conv(x, "Mixed_7a_Branch_1_Conv2d_0a_1x1", 256, 1)
    b = conv(b, "Mixed_7a_Branch_1_Conv2d_1a_3x3", 256, 3, 2, "valid")
    c = conv(x, "Mixed_7a_Branch_2_Conv2d_0a_1x1", 256, 1)
    c = conv(c, "Mixed_7a_Branch_2_Conv2d_0b_3x3", 256, 3)
    c = conv(c, "Mixed_7a_Branch_2_Conv2d_1a_3x3", 256, 3, 2, "valid")
    d = layers.MaxPooling2D(3, 2, name="Mixed_7a_Branch_3_MaxPool_1a_3x3")(x)
    return layers.Concatenate(name="Mixed_7a")([a, b, c, d])  # 3x3x1792


def build(dropout: float = 0.3, skip: float = 0.0, size: int | None = CHIP_SIZE) -> keras.Model:
    """The whole network, with random weights. Training drops `dropout` of the pooled features,
    and skips each residual block for `skip` of the chips.

    Input: `chips`, (n, size, size, 3) uint8 RGB, 0 to 255; `size` None allows any size. The
    normalisation is the first layer.
    Output: a dict of float32 logits, `age` (n, 101), one class a year, and `gender` (n, 1),
    whose sigmoid is the probability of female.
    """
    chips = keras.Input((size, size, 3), dtype="uint8", name="chips")
    x = layers.Rescaling(1 / 128, -127.5 / 128, name="normalise")(chips)
    x = stem(x)
    for i in range(1, 6):
        x = block35(x, f"Block35_{i}", skip)
    x = reduction_a(x)
    for i in range(1, 11):
        x = block17(x, f"Block17_{i}", skip)
    x = reduction_b(x)
    for i in range(1, 6):
        x = block8(x, f"Block8_{i}", skip)
    x = block8(x, "Block8_6", skip, scale=1.0, activate=False)
    x = layers.GlobalAveragePooling2D(name="pool")(x)  # 1792
    x = layers.Dropout(dropout, name="dropout")(x)
    age = layers.Dense(AGES, dtype="float32", name="age")(x)
    gender = layers.Dense(1, dtype="float32", name="gender")(x)
    return keras.Model(chips, {"age": age, "gender": gender}, name="inception_resnet_v1")


def load_arrays(network: keras.Model, path: Path) -> None:
    """Fill the network from an .npz written by `save_arrays`, or from the VGGFace2 backbone.

    Raises KeyError when an array is missing and ValueError when a shape differs.
    """
    with path.open("rb") as file, np.load(file) as found:  # numpy leaves a broken file open
        assign(network, found)


def assign(network: keras.Model, found: Mapping[str, np.ndarray]) -> None:
    """Fill the network from arrays named `<layer>_<variable>` as in the VGGFace2 backbone; those in
    int8 are multiplied by their `..._scale`. Heads that are not in `found` keep their weights."""
    for layer in network.layers:
        if layer.name in HEADS and f"{layer.name}_kernel" not in found:
            continue
        for variable in layer.weights:
            variable.assign(_float32(found, f"{layer.name}_{variable.name}"))


def _float32(found: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    array = found[name].astype("float32")
    return array * found[f"{name}_scale"] if found[name].dtype == "int8" else array


def arrays(network: keras.Model) -> dict[str, np.ndarray]:
    """The network's arrays as `assign` takes them: float32 copies."""
    return {
        f"{layer.name}_{variable.name}": np.array(keras.ops.convert_to_numpy(variable))
        for layer in network.layers
        for variable in layer.weights
    }


def save_arrays(network: keras.Model, path: Path) -> None:
    """Write an .npz for `load_arrays` in float16: half the size, and the same ages to a tenth
    of a year."""
    halves = {name: array.astype("float16") for name, array in arrays(network).items()}
    np.savez_compressed(path, **halves)  # type: ignore[arg-type]
