"""Log lines of the service and the model; tests/deploy/test_privacy.py reads the real logs."""

import json
import logging

import pytest

from app.logs import JSONFormatter
from model import photo
from model.estimator import Estimator
from model.timing import STAGES


@pytest.fixture
def lines(caplog, monkeypatch):
    """The lines logged so far, parsed."""
    monkeypatch.setattr(caplog.handler, "formatter", JSONFormatter())
    caplog.set_level(logging.INFO)
    return lambda: [json.loads(line) for line in caplog.text.splitlines()]


@pytest.mark.parametrize("path", ["/upload", "/v1/faces"])
def test_each_photo_is_logged_with_its_request_id_and_stage_times(post, lines, group, path):
    id_ = post(group[0], path).headers["X-Request-ID"]
    (line,) = lines()
    assert " ".join(line) == "time request_id level logger message faces milliseconds"
    assert (line["request_id"], line["logger"]) == (id_, "model.estimator")
    assert line["faces"] == 5
    assert tuple(line["milliseconds"]) == STAGES
    assert all(milliseconds > 0 for milliseconds in line["milliseconds"].values())


@pytest.mark.parametrize("version", ["00", "01", "ff"])
def test_the_trace_of_a_request_is_logged_if_it_is_valid(client, portrait, lines, version):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    traced = {"traceparent": f"{version}-{trace}-00f067aa0ba902b7-01"}
    client.post("/v1/faces", data=portrait, content_type="image/jpeg", headers=traced)
    client.post("/v1/faces", data=portrait, content_type="image/jpeg")
    first, second = lines()
    assert first.get("trace_id") == (trace if version == "00" else None)
    assert "trace_id" not in second


def test_the_time_of_a_refused_photo_is_not_added_to_the_next(lines, portrait, monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr("model.timing.perf_counter", lambda: next(clock))
    with pytest.raises(photo.PhotoError):
        photo.decode(portrait[:1000])
    estimator = Estimator()
    for _ in range(2):
        estimator.estimate(photo.decode(portrait))
    for line in lines():
        assert line["milliseconds"]["decode"] == 1000
        assert line["request_id"] is None


def test_a_traceback_is_logged_without_the_message(lines):
    try:
        raise ValueError("it may quote a photo")
    except ValueError:
        logging.getLogger("app").exception("failed")
    (line,) = lines()
    assert (line["level"], line["message"], line["error"]) == ("error", "failed", "ValueError")
    assert "tests/app/test_logs.py" in line["traceback"]
    assert "request_id" in line
    assert "it may quote a photo" not in line["message"] + line["error"]


def test_a_line_cannot_be_forged(lines):
    logging.getLogger("app").warning("%s", 'a"}\n{"level":"error"')
    (line,) = lines()
    assert line["message"] == 'a"}\n{"level":"error"'
