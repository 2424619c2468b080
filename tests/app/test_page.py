"""The route `/`; tests/page/ opens the page in a browser."""

import pytest

from app.page import mean_error
from model.engine import WEIGHTS, metadata


def test_the_policy_allows_nothing_inline_or_from_other_sites(client):
    reply = client.get("/")
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "camera=(self)" in reply.headers["Permissions-Policy"]
    assert "style=" not in reply.text
    assert "<script>" not in reply.text


def test_the_error_shown_is_that_of_the_weights(client):
    years, faces = mean_error(metadata(WEIGHTS))
    assert f'data-error="{years:.1f}" data-error-faces="{faces}"' in client.get("/").text


def test_the_mean_error_weights_every_face_equally():
    sets = {
        "a": {"all": {"n": 100, "mae": 4.0}},
        "b": {"all": {"n": 300, "mae": 6.0}},
        "ranges only": {"all": {"n": 50, "in_range": 0.6}},
    }
    assert mean_error({"validation": sets}) == (pytest.approx(5.5), 400)


def test_no_error_is_shown_for_weights_without_figures(app, client, monkeypatch):
    monkeypatch.setattr(app.extensions["estimator"], "facts", {"name": "bare"})
    assert mean_error({}) is None
    assert "data-error" not in client.get("/").text
