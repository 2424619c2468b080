"""The training losses, in Keras ops that run on every backend."""

from keras import ops

from model.network import AGES

# Years by which two careful people disagree: less about a child than about an adult
SIGMA_AT_BIRTH, SIGMA_PER_YEAR, MAX_SIGMA = 0.6, 0.08, 3.0
L1_WEIGHT = 0.2
OUTSIDE = -1e4  # the logit of zero probability


def expected_age(logits):
    """(n, 101) logits -> (n, 1) years, the mean of the distribution."""
    years = ops.arange(AGES, dtype="float32")
    return ops.sum(ops.softmax(logits) * years, axis=-1, keepdims=True)


def sigma(age):
    """Standard deviation of the Gaussian around a label, years; of the shape of `age`, years."""
    return ops.minimum(SIGMA_AT_BIRTH + SIGMA_PER_YEAR * age, MAX_SIGMA)


def age_loss(ages, logits):
    """`ages`: (n, 2) float32, the first and the last year that the label allows; `logits`:
    (n, 101). Returns (n,).

    Where the year is known: cross-entropy with a Gaussian around it (Gao et al., "Deep Label
    Distribution Learning", 2017). Where a range is known: the likelihood of the range. Plus the
    distance of the expectation from the label.
    """
    low, high = ages[:, :1], ages[:, 1:2]
    years = ops.arange(AGES, dtype="float32")
    target = ops.softmax(-0.5 * ops.square((years - low) / sigma(low)))
    exact = -ops.sum(target * ops.log_softmax(logits), axis=-1)
    inside = ops.logical_and(years >= low, years <= high)
    ranged = ops.logsumexp(logits, axis=-1) - ops.logsumexp(
        ops.where(inside, logits, OUTSIDE), axis=-1
    )
    known = ops.squeeze(low == high, -1)
    return ops.where(known, exact, ranged) + L1_WEIGHT * distance(ages, logits)


def distance(ages, logits):
    """Years from the expected age to the label, the first two columns of `ages`, (n,): the
    absolute error where the label is one year, 0 inside a range."""
    low, high = ages[:, :1], ages[:, 1:2]
    expected = expected_age(logits)
    return ops.squeeze(ops.maximum(ops.maximum(low - expected, expected - high), 0.0), -1)


def gender_loss(gender, logits):
    """Binary cross-entropy, 0 where the gender is unknown. Both (n, 1); returns (n,)."""
    loss = ops.binary_crossentropy(ops.maximum(gender, 0.0), logits, from_logits=True)
    return ops.squeeze(ops.where(gender < 0, 0.0, loss), -1)


UNTAUGHT = {"age": age_loss, "gender": gender_loss}


def taught(weight: float) -> dict:
    """The losses by head for labels followed by the teacher's answer (see training.distil), ages
    (n, 103) and gender (n, 2): `weight` of the loss is on the answer, the rest on the label."""

    def age(labels, logits):
        answer = labels[:, 2:]
        years = ops.arange(AGES, dtype="float32")
        mean = ops.sum(answer * years, axis=-1, keepdims=True)
        loss = -ops.sum(answer * ops.log_softmax(logits), axis=-1)
        loss += L1_WEIGHT * distance(ops.concatenate([mean, mean], axis=-1), logits)
        return (1 - weight) * age_loss(labels[:, :2], logits) + weight * loss

    def gender(labels, logits):
        own, answer = labels[:, :1], labels[:, 1:]
        return (1 - weight) * gender_loss(own, logits) + weight * gender_loss(answer, logits)

    return {"age": age, "gender": gender}
