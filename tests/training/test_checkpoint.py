import json

import click
import keras
import numpy as np
import pytest

from model import network
from training import checkpoint


@pytest.fixture
def model():
    """A head behind stochastic depth and dropout."""
    return build()


def build():
    keras.utils.set_random_seed(0)
    chips = keras.Input((4,))
    x = keras.layers.Dropout(0.3, noise_shape=(None, 1), name="skip")(chips)
    x = keras.layers.Dropout(0.3, name="dropout")(x)
    model = keras.Model(chips, keras.layers.Dense(2, name="age")(x))
    model.compile(keras.optimizers.AdamW(0.1), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def step(model):
    model.train_on_batch(np.ones((8, 4), np.float32), np.ones((8, 2), np.float32))


def test_a_run_resumes_exactly_where_it_was(tmp_path, model):
    state = checkpoint.restore(tmp_path, model)
    assert state.step == 0
    for _ in range(12):
        step(model)
        state.advance(model, 0.9)
    state.validated(3.0, 0.9, tmp_path)
    checkpoint.save(tmp_path, model, state)
    step(model)
    after = [np.array(weight) for weight in model.get_weights()]

    again = checkpoint.restore(tmp_path, model)
    figures = (again.step, again.best, again.without_progress, again.error, again.gender)
    assert figures == (12, 3.0, 0, 3.0, 0.9)
    assert all(np.array_equal(again.average[name], array) for name, array in state.average.items())
    step(model)
    assert all(map(np.array_equal, model.get_weights(), after))


def test_two_steps_and_two_after_a_new_start_are_four_steps(tmp_path, model):
    for _ in range(4):
        step(model)
    halfway = build()
    state = checkpoint.restore(tmp_path, halfway)
    for _ in range(2):
        step(halfway)
    checkpoint.save(tmp_path, halfway, state)
    again = build()
    checkpoint.restore(tmp_path, again)
    for _ in range(2):
        step(again)
    assert all(map(np.array_equal, again.get_weights(), model.get_weights()))


def test_another_run_does_not_go_on_with_the_checkpoint(tmp_path, model):
    run = {"chips": "a", "learning_rate": 1e-3, "batch": 32}
    checkpoint.agree(tmp_path, run)
    state = checkpoint.restore(tmp_path, model, run)
    state.validated(3.0, 0.9, tmp_path)
    checkpoint.save(tmp_path, model, state)
    checkpoint.agree(tmp_path, run)
    other = r"another run \(chips a, not b; batch 32, not 64\): use another --out, or --restart"
    with pytest.raises(click.ClickException, match=other):
        checkpoint.agree(tmp_path, run | {"chips": "b", "batch": 64})
    (tmp_path / "own.txt").touch()
    checkpoint.clear(tmp_path, "figures.json")
    assert [path.name for path in tmp_path.iterdir()] == ["own.txt"]
    checkpoint.agree(tmp_path, {"chips": "b"})


def test_a_checkpoint_of_an_earlier_version_resumes(tmp_path, model):
    checkpoint.save(tmp_path, model, checkpoint.restore(tmp_path, model))
    (folder,) = checkpoint.saved(tmp_path)
    (folder / "seeds.npz").unlink()
    noted = json.loads((folder / "state.json").read_text())
    del noted["run"]
    (folder / "state.json").write_text(json.dumps(noted))
    checkpoint.agree(tmp_path, {"chips": "a"})
    assert checkpoint.restore(tmp_path, model, {"chips": "a"}).step == 0


@pytest.mark.parametrize("content", [b"", b"text", b"PK\3\4 half a zip", "array", "other"])
def test_a_file_without_weights_of_the_network_is_named(tmp_path, model, content):
    path = tmp_path / "weights.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with path.open("wb") as file:
            np.save(file, np.ones(3)) if content == "array" else np.savez(file, age_kernel=0)
    with pytest.raises(click.ClickException, match=r"weights.npz has no weights of this network"):
        checkpoint.load(model, path)


def test_a_kill_while_saving_leaves_the_last_complete_checkpoint(tmp_path, model):
    state = checkpoint.restore(tmp_path, model)
    checkpoint.save(tmp_path, model, state)
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh" / "model.weights.h5").write_bytes(b"half")
    assert checkpoint.restore(tmp_path, model).step == 0
    state.step = 1
    checkpoint.save(tmp_path, model, state)
    assert [path.name for path in checkpoint.saved(tmp_path)] == ["step-0000001"]


def test_the_average_follows_slowly_and_does_not_touch_the_model(tmp_path, model):
    state = checkpoint.restore(tmp_path, model)
    state.step = 20_000  # enough for the slowest average
    start = {name: array.copy() for name, array in state.average.items()}
    for _ in range(1000):
        state.advance(model, 0.999)
    for name, array in start.items():
        assert np.allclose(state.average[name], array)
    step(model)
    moved = model.get_weights()[0] - start["age_kernel"]
    for _ in range(checkpoint.AVERAGE_EVERY):
        state.advance(model, 0.999)
    share = (state.average["age_kernel"] - start["age_kernel"]) / moved
    assert np.allclose(share, 1 - 0.999**10, atol=1e-3)
    own = model.get_weights()
    with state.averaged(model):
        assert np.allclose(model.get_weights()[0], state.average["age_kernel"])
    assert all(map(np.array_equal, own, model.get_weights()))


def test_a_restarted_average_forgets_the_steps_before(tmp_path, model):
    state = checkpoint.restore(tmp_path, model)
    state.step = state.since = 20_000
    for array in state.average.values():
        array += 100
    for _ in range(200):
        state.advance(model, 0.999)
    own = network.arrays(model)
    for name, array in state.average.items():
        assert np.abs(array - own[name]).max() < 1


def test_only_a_better_validation_is_kept(tmp_path, model):
    state = checkpoint.restore(tmp_path, model)
    for error, best, without in ((5.0, 5.0, 0), (5.5, 5.0, 1), (5.2, 5.0, 2), (4.9, 4.9, 0)):
        state.average["age_bias"][:] = error
        state.validated(error, 0.9, tmp_path)
        assert (state.error, state.best, state.without_progress) == (error, best, without)
        with np.load(tmp_path / checkpoint.BEST) as kept:
            assert kept["age_bias"] == pytest.approx(best)
