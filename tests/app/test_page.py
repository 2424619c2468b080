"""The route `/`; tests/page/ opens the page in a browser."""

import json
import re
from io import BytesIO

import pytest
from PIL import Image

from app.page import mean_error
from deploy.testing.service import ROOT
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


def fetch(client, address):
    with client.get(address) as reply:
        assert reply.status_code == 200
        return reply.content_type, reply.data


def test_a_link_to_the_page_has_a_picture_and_the_page_can_be_installed(client):
    text = client.get("/").text
    tags = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]+)">', text))
    assert {"title", "description", "url", "type", "image"} <= tags.keys()
    assert tags["image"].startswith(tags["url"])
    with Image.open(BytesIO(fetch(client, tags["image"])[1])) as picture:
        assert picture.size == (int(tags["image:width"]), int(tags["image:height"]))
    kind, manifest = fetch(client, re.search(r'rel="manifest" href="([^"]+)"', text)[1])
    assert kind == "application/manifest+json"
    for icon in json.loads(manifest)["icons"]:
        _, data = fetch(client, f"/static/{icon['src']}")
        if icon["type"] == "image/png":
            with Image.open(BytesIO(data)) as picture:
                assert "{}x{}".format(*picture.size) == icon["sizes"]
        else:
            assert data.startswith(b"<svg")


def test_the_error_shown_is_that_of_the_weights(client):
    years, faces = mean_error(metadata(WEIGHTS))
    assert f'data-error="{years:.1f}" data-error-faces="{faces}"' in client.get("/").text


def test_the_readme_gives_the_same_error():
    years, faces = mean_error(metadata(WEIGHTS))
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text()
        assert f"{faces:,}" in text
        assert re.search(rf"{years:.1f} (years on average|岁)", text), name


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
