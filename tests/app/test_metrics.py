"""`/metrics`, read with Prometheus' own parser."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from app.settings import Settings
from model.engine import WEIGHTS
from model.timing import STAGES


@pytest.fixture
def sample(client):
    """The current value of a sample, 0 if it does not exist yet."""

    def read(metric, **labels):
        families = text_string_to_metric_families(client.get("/metrics").text)
        found = (each for family in families for each in family.samples if each.name == metric)
        return next((each.value for each in found if each.labels == labels), 0)

    return read


def test_faces_that_are_not_judged_are_counted(app, sample, post, group, monkeypatch):
    before = sample("yanling_faces_not_judged_total")
    monkeypatch.setitem(app.config, "MAX_FACES", 1)
    post(group[0])
    assert sample("yanling_faces_not_judged_total") == before + 4


def test_requests_are_counted_by_route_status_and_code(sample, post, client, portrait):
    served = {"route": "/upload", "status": "200", "code": ""}
    refused = {"route": "/upload", "status": "415", "code": "unsupported_type"}
    lost = {"route": "none", "status": "404", "code": "not_found"}
    before = [sample("yanling_requests_total", **labels) for labels in (served, refused, lost)]
    post(portrait)
    post(b"not a photo")
    client.get("/a/path/chosen/by/a/client")
    after = [sample("yanling_requests_total", **labels) for labels in (served, refused, lost)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]
    assert "chosen" not in client.get("/metrics").text


def test_every_stage_and_the_faces_are_measured_once_per_app(sample, post, group, tmp_path):
    create_app(Settings("onnx", WEIGHTS, tmp_path / "another"))

    def measured():
        counts = [sample("yanling_stage_seconds_count", stage=name) for name in STAGES]
        return [*counts, sample("yanling_faces_count"), sample("yanling_faces_sum")]

    before = measured()
    post(group[0], "/v1/faces")
    assert [now - then for now, then in zip(measured(), before, strict=True)] == [1, 1, 1, 1, 1, 5]
    assert sample("yanling_request_seconds_count", route="/v1/faces") > 0


def test_the_weights_in_use_are_named(sample, app):
    facts = app.extensions["estimator"].facts
    labels = {"name": facts["name"], "version": facts["version"], "engine": "onnx"}
    assert sample("yanling_model_info", **labels) == 1
