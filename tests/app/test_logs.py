"""What the service and the model say; tests/deploy/test_privacy.py reads the real logs."""

import json
import logging

import pytest

from app.logs import Line
from model import photo
from model.estimator import Estimator
from model.stages import NAMES


@pytest.fixture
def lines(caplog, monkeypatch):
    """The lines so far, as a log would hold them."""
    monkeypatch.setattr(caplog.handler, "formatter", Line())
    caplog.set_level(logging.INFO)
    return lambda: [json.loads(line) for line in caplog.text.splitlines()]


@pytest.mark.parametrize("path", ["/upload", "/v1/faces"])
def test_the_model_says_how_long_it_took_for_which_request(post, lines, group, path):
    id_ = post(group[0], path).headers["X-Request-ID"]
    (line,) = lines()
    assert set(line) == {
        *("time", "request_id", "level", "logger", "message", "faces", "milliseconds")
    }
    assert (line["request_id"], line["logger"]) == (id_, "model.estimator")
    assert line["faces"] == 5
    assert tuple(line["milliseconds"]) == NAMES
    assert all(milliseconds > 0 for milliseconds in line["milliseconds"].values())


def test_a_refused_photo_adds_nothing_to_the_next_one(lines, portrait, monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr("model.stages.perf_counter", lambda: next(clock))
    with pytest.raises(photo.PhotoError):
        photo.decode(portrait[:1000])
    estimator = Estimator()
    for _ in range(2):
        estimator.estimate(photo.decode(portrait))
    for line in lines():
        assert line["milliseconds"]["decode"] == 1000
        assert line["request_id"] is None


def test_a_mistake_is_one_line_with_its_request_and_its_place(
    app, post, lines, portrait, monkeypatch
):
    monkeypatch.setattr(app.extensions["estimator"], "estimate", None)
    reply = post(portrait)
    (line,) = lines()
    assert (line["request_id"], line["level"]) == (reply.json["request_id"], "error")
    assert "app/upload.py" in line["message"]


def test_a_traceback_comes_without_the_message(lines):
    try:
        raise ValueError("it may quote a photo")
    except ValueError:
        logging.getLogger("app").exception("failed")
    (line,) = lines()
    assert (line["level"], line["message"], line["error"]) == ("error", "failed", "ValueError")
    assert "tests/app/test_logs.py" in line["traceback"]
    assert "request_id" in line
    assert "it may quote a photo" not in line["message"] + line["error"]


def test_nobody_can_forge_a_line(lines):
    logging.getLogger("app").warning("%s", 'a"}\n{"level":"error"')
    (line,) = lines()
    assert line["message"] == 'a"}\n{"level":"error"'
