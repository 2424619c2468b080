"""What the network is trained for, in backend-neutral Keras ops."""

from keras import ops

from model.network import AGES

SIGMA = 2.5  # years: two careful people disagree by about as much
L1_WEIGHT = 0.2


def expected_age(logits):
    """(n, 101) logits -> (n, 1) years, the mean of the distribution."""
    years = ops.arange(AGES, dtype="float32")
    return ops.sum(ops.softmax(logits) * years, axis=-1, keepdims=True)


def age_loss(age, logits):
    """Cross-entropy with a Gaussian around the label (Gao et al., "Deep Label Distribution
    Learning", 2017) plus the absolute error of the expectation.

    `age`: (n, 1) float32 years; `logits`: (n, 101). Returns (n,).
    """
    years = ops.arange(AGES, dtype="float32")
    target = ops.softmax(-0.5 * ops.square((years - age) / SIGMA))
    entropy = -ops.sum(target * ops.log_softmax(logits), axis=-1)
    return entropy + L1_WEIGHT * ops.squeeze(ops.abs(expected_age(logits) - age), -1)


def mae(age, logits):
    """Absolute error in years, (n,)."""
    return ops.squeeze(ops.abs(expected_age(logits) - age), -1)
