"""The glance's network and its loss: faces as points (Zhou et al., "Objects as Points", 2019).

Plain convolutions: fewer multiply-adds in depthwise ones do not make them faster on a CPU.
"""

import keras
from keras import layers, ops

# the channels of the answer
HEAT, EXTENT, OFFSET, TURN = 0, slice(1, 3), slice(3, 5), slice(5, 7)
CHANNELS = 7
MIDDLE, SPREAD = 127.5, 128.0  # of a pixel's values
RARE = -4.0  # the first logit of the heat: nearly all cells are no face


def conv(x, filters: int, size: int = 3, strides: int = 1):
    """Convolution, batch normalisation, ReLU."""
    x = layers.Conv2D(filters, size, strides, "same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))


def build(rescales: bool = True) -> keras.Model:
    """240,000 weights; see model.glance for what comes in and out. `rescales`: as in training; see
    `shipped`."""
    pixels = keras.Input((None, None, 3), dtype="uint8", name="pixels")
    x = ops.cast(pixels, "float32")
    x = conv((x - MIDDLE) / SPREAD if rescales else x, 16, strides=2)
    x = conv(x, 32, strides=2)
    near = conv(conv(x, 48, strides=2), 48)
    middle = conv(conv(conv(near, 64, strides=2), 64), 64)
    far = conv(conv(middle, 64, strides=2), 64)
    middle = layers.Add()([conv(middle, 48, 1), layers.UpSampling2D()(conv(far, 48, 1))])
    near = conv(layers.Add()([near, layers.UpSampling2D()(middle)]), 48)
    bias = keras.initializers.Constant([RARE] + [0.0] * (CHANNELS - 1))
    maps = layers.Conv2D(CHANNELS, 1, bias_initializer=bias, name="maps")(near)
    return keras.Model(pixels, maps, name="glance")


def shipped(model: keras.Model) -> keras.Model:
    """The same network, but its first convolution does the rescaling, which spares two passes over
    the photo. It differs where that convolution reaches beyond the photo: black instead of grey."""
    plain = build(rescales=False)
    plain.set_weights(model.get_weights())
    kernels = first(plain, layers.Conv2D).kernel
    mean = first(plain, layers.BatchNormalization).moving_mean
    kernels.assign(kernels / SPREAD)
    mean.assign(mean + MIDDLE * ops.sum(kernels, axis=(0, 1, 2)))
    return plain


def first(model: keras.Model, kind: type) -> keras.Layer:
    return next(layer for layer in model.layers if isinstance(layer, kind))


def loss(wanted, maps):
    """`wanted`: (n, h, w, 8), the channels of the answer, the heat from 0 to 1, and the weight of
    the cell, 0 where nobody knows; `maps`: (n, h, w, 7). Focal loss for the heat, L1 for the rest
    near the centres of faces."""
    heat, weight = wanted[..., HEAT], wanted[..., CHANNELS]
    logit = maps[..., HEAT]
    chance = ops.sigmoid(logit)
    centre = ops.cast(heat > 0.99, "float32")
    hit = centre * ops.square(1 - chance) * -ops.log_sigmoid(logit)
    miss = (1 - centre) * (1 - heat) ** 4 * ops.square(chance) * -ops.log_sigmoid(-logit)
    near = ops.where(heat > 0.5, heat, 0.0) * weight
    apart = ops.sum(ops.abs(wanted[..., 1:CHANNELS] - maps[..., 1:CHANNELS]), axis=-1)
    faces = 1 + ops.sum(centre * weight)
    return ops.sum((hit + miss) * weight) / faces + 2 * ops.sum(apart * near) / (1 + ops.sum(near))
