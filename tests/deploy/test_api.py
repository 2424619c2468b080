"""The routes of `/v1` and their page through nginx, and pages of other sites that may use them."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from app.marked import LONGER_SIDE, jpeg
from app.page import POLICY
from deploy.testing.service import ROOT
from deploy.testing.stack import running_stack
from model.photo import Photo
from tests.deploy.problems import assert_problem
from tests.hostile.http import exchange, post

SITES = ("https://shop.example", "https://www.shop.example:8443")


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """One worker, and nginx that admits two other sites."""
    settings = {"UWSGI_OPTIONS": "--processes 1", "ALLOWED_ORIGIN": ",".join(SITES)}
    with running_stack(tmp_path_factory.mktemp("single"), settings) as stack:
        yield stack


def test_a_batch_and_a_marked_photo_come_through(single, portrait_file, tmp_path):
    (tmp_path / "text.jpg").write_text("no photo")
    files = ["-F", f"file=@{portrait_file}", "-F", f"file=@{tmp_path}/text.jpg"]
    answer = single.curl("/v1/batch", *files)
    assert answer.headers["cache-control"] == "no-store"
    found, refused = answer.json()["results"]
    assert len(found["faces"]) == 1
    assert refused["problem"]["code"] == "unsupported_type"
    assert refused["problem"]["request_id"] == answer.headers["x-request-id"]
    assert_problem(single.curl("/v1/faces", *files), 400, "several_files")
    photo = portrait_file.read_bytes()
    request = post("/v1/faces", photo, "image/jpeg", "Accept: image/jpeg")
    reply = exchange(single, request, "127.0.0.1")
    assert (reply.status, reply.type) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(reply.body)).size == Image.open(io.BytesIO(photo)).size


def test_its_page_comes_through_with_the_policy(single):
    answer = single.curl("/docs")
    assert (answer.status, answer.headers["content-security-policy"]) == (200, POLICY)
    for file in re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.body):
        assert single.curl(file).status == 200


@pytest.mark.parametrize("site", SITES)
def test_each_site_on_the_list_may_ask(single, site):
    ask = ["-H", f"Origin: {site}", "-H", "Access-Control-Request-Method: POST"]
    for method, status in (("OPTIONS", 204), ("POST", 400)):
        answer = single.curl("/v1/batch", "-X", method, *ask)
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == site
        assert answer.headers["access-control-allow-methods"] == "GET, POST"
        assert "traceparent" in answer.headers["access-control-allow-headers"]
        assert "Retry-After" in answer.headers["access-control-expose-headers"]
        assert answer.headers["vary"] == "Origin"
        assert answer.headers.get("access-control-max-age") == (
            "600" if method == "OPTIONS" else None
        )


@pytest.mark.parametrize(
    "site",
    [
        "https://other.example",
        "https://shop.example.evil.example",
        "http://shop.example",
        "https://shop.example,https://www.shop.example:8443",
        "https://shop.example|",
        "https://shopxexample",
        "null",
        ",",
    ],
)
def test_no_other_site_may(single, site):
    for method, status in (("OPTIONS", 200), ("POST", 415)):
        answer = single.curl("/v1/faces", "-X", method, "-H", f"Origin: {site}")
        assert answer.status == status
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/v1/faces", "OPTIONS, POST"), ("/upload", "GET, HEAD, OPTIONS, POST")],
)
def test_options_says_what_an_address_can_do(single, path, methods):
    answer = single.curl(path, "-X", "OPTIONS")
    assert (answer.status, answer.body) == (200, "")
    assert ", ".join(sorted(answer.headers["allow"].split(", "))) == methods
    assert_problem(single.curl("/nowhere", "-X", "OPTIONS"), 404, "not_found")


def test_nginx_holds_the_largest_marked_photo():
    """So a client that reads slowly keeps no worker: noise, of sizes that are not scaled down and
    that are."""
    pixels = np.random.default_rng(0).integers(0, 2, (1920, 1920, 3), dtype=np.uint8) * 255
    parts = [np.ascontiguousarray(pixels[:side, :side]) for side in (LONGER_SIDE, 1920)]
    largest = max(len(jpeg(Photo(part, *part.shape[:2]), [])) for part in parts)
    config = (ROOT / "deploy/nginx/yanling.conf").read_text()
    count, size = map(int, re.findall(r"uwsgi_buffers (\d+) (\d+)k;", config)[0])
    assert count * size * 512 < largest < count * size * 1024
