"""`/metrics`: what an operator's Prometheus sees."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from model import stages


@pytest.fixture
def sample(client):
    """The value of a sample now, 0 if it is not there yet."""

    def look(sample, **labels):
        text = client.get("/metrics").text
        families = text_string_to_metric_families(text)
        found = (s for family in families for s in family.samples if s.name == sample)
        return next((s.value for s in found if s.labels == labels), 0)

    return look


def test_requests_are_counted_by_route_status_and_code(sample, post, client, portrait):
    served = {"route": "/upload", "status": "200", "code": ""}
    refused = {"route": "/upload", "status": "415", "code": "unsupported_type"}
    lost = {"route": "none", "status": "404", "code": "not_found"}
    before = [sample("yanling_requests_total", **labels) for labels in (served, refused, lost)]
    post(portrait)
    post(b"not a photo")
    client.get("/a/strangers/path")
    after = [sample("yanling_requests_total", **labels) for labels in (served, refused, lost)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]
    assert "strangers" not in client.get("/metrics").text


def test_every_stage_and_the_faces_are_measured(sample, post, group):
    def measured():
        counts = [sample("yanling_stage_seconds_count", stage=name) for name in stages.NAMES]
        return [*counts, sample("yanling_faces_count"), sample("yanling_faces_sum")]

    before = measured()
    post(group[0], "/v1/faces")
    assert [now - then for now, then in zip(measured(), before, strict=True)] == [1, 1, 1, 1, 1, 5]
    assert sample("yanling_request_seconds_count", route="/v1/faces") > 0


def test_the_weights_are_named(sample, app):
    facts = app.extensions["estimator"].facts
    labels = {"name": facts["name"], "version": facts["version"], "engine": "onnx"}
    assert sample("yanling_model_info", **labels) == 1
