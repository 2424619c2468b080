"""Which share of the starting weights is kept, on a network of two heads alone."""

import click
import keras
import numpy as np
import pytest

from model import network
from model.chip import CHIP_SIZE
from training import data, gate, mix


@pytest.fixture
def model():
    chips = keras.Input((CHIP_SIZE, CHIP_SIZE, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(chips)
    heads = {"age": 101, "gender": 1}
    return keras.Model(
        chips, {name: keras.layers.Dense(n, name=name)(pooled) for name, n in heads.items()}
    )


def set_age(model, years):
    """Every face is `years` old, more or less, and female."""
    arrays = {name: np.zeros_like(array) for name, array in network.arrays(model).items()}
    arrays["age_bias"] = -np.abs(np.arange(101) - years) / 2
    arrays["gender_bias"] += 1
    network.assign(model, {name: array.astype(np.float32) for name, array in arrays.items()})


@pytest.fixture
def earlier(tmp_path, model):
    """Weights that judge everybody to be about 33, which is right."""
    set_age(model, 33)
    network.save_arrays(model, tmp_path / "earlier.npz")
    return tmp_path / "earlier.npz"


def test_a_share_is_taken_as_it_is(model, earlier, chips):
    choosing = data.load(chips, "choosing")
    set_age(model, 53)
    before = network.arrays(model)["age_bias"]
    assert mix.average(model, earlier, 0.25, choosing) == 0.25
    with np.load(earlier) as old:
        wanted = 0.75 * before + 0.25 * old["age_bias"]
    assert network.arrays(model)["age_bias"] == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("run", "start", "shares"), [(90, 33, {0.6}), (33, 90, {0, 0.1, 0.2, 0.3})]
)
def test_auto_takes_the_share_with_the_best_figures(
    model, earlier, chips, monkeypatch, run, start, shares, capsys
):
    monkeypatch.setattr(gate, "ENOUGH", 2)
    set_age(model, start)
    network.save_arrays(model, earlier)
    set_age(model, run)
    assert mix.average(model, earlier, None, data.load(chips, "choosing")) in shares
    assert capsys.readouterr().out.count("%") == len(mix.SHARES)


def test_too_few_faces_choose_nothing(model, earlier, chips):
    with pytest.raises(click.ClickException, match="set --mix-share"):
        mix.average(model, earlier, None, data.load(chips, "choosing"))


@pytest.mark.parametrize("value", ["most", "1.5", "-0.1", ""])
def test_a_share_is_a_part_or_auto(call, tmp_path, value):
    with pytest.raises(click.BadParameter):
        call(
            "export", "--chips", tmp_path, "--run", tmp_path, "--version", "1", "--mix-share", value
        )
