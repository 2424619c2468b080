"""Every error is explained in plain words, and can be retried where that helps."""

import json
import re

import pytest
from playwright.sync_api import expect

from deploy.testing.ports import free_ports
from deploy.testing.service import serving
from tests.page.actions import choose

FACES = "**/v1/faces?*"


@pytest.mark.parametrize(
    ("data", "words", "code"),
    [
        (b"not a photo", "This format cannot be read; try a JPEG or PNG.", "unsupported_type"),
        (b"", "This file is empty; try another.", "empty_file"),
        (
            b"\xff\xd8\xff\xe0 cut off",
            "This photo cannot be opened; it may be broken.",
            "bad_image",
        ),
    ],
    ids=["text", "empty", "cut off"],
)
def test_broken_files(page, data, words, code):
    choose(page, data)
    expect(page.locator("#headline")).to_have_text(words)
    expect(page.locator("#code")).to_contain_text(code)
    expect(page.locator("#retry")).to_be_visible()
    expect(page.locator("#photo")).to_be_hidden()
    page.click("#raw summary")
    assert json.loads(page.inner_text("#json"))["code"] == code


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"\0\0\0\x18ftypheic", "This is an iPhone HEIC photo: if it does not open"),
        (b"\0\0\0\x18ftypmp42", "This is a video: pause it"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"PK\x03\x04", "This is an archive or a document"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">', "This is an SVG"),
    ],
    ids=["heic", "video", "pdf", "zip", "svg"],
)
def test_formats_are_named(page, start, words):
    choose(page, start + bytes(500))
    expect(page.locator("#headline")).to_contain_text(words)
    expect(page.locator("#reason")).to_contain_text(re.compile("cannot be (read|opened)"))


def test_every_format_has_words(page):
    formats = page.evaluate(
        """async () => {
          const { FORMATS } = await import('/static/formats.js')
          const { en } = await import('/static/en.js')
          return [Object.keys(FORMATS), Object.keys(en.formats)]
        }"""
    )
    assert sorted(formats[0]) == sorted(formats[1])


def test_a_photo_over_the_size_limit_is_not_sent(page, tmp_path):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    (tmp_path / "large.jpg").write_bytes(b"\xff\xd8" + b"\0" * 11 * 2**20)
    page.set_input_files("#file", tmp_path / "large.jpg")
    expect(page.locator("#headline")).to_have_text("The photo is too large: more than 10 MB.")
    assert [url for url in requests if "/v1/" in url] == []


def test_the_server_goes_and_comes_back(visit, portrait):
    (port,) = free_ports(1)
    with serving(port) as address:
        page = visit(address)
    choose(page, portrait)
    expect(page.locator("#headline")).to_have_text("The server cannot be reached. Are you online?")
    with serving(port):
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".box")).to_have_count(1)


def problem(status, code):
    return {"status": status, "content_type": "application/problem+json", "json": {"code": code}}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (problem(401, "unauthorized"), "this page has none"),
        (problem(429, "rate_limited"), "That was quick!"),
        (problem(500, "internal"), "The server stumbled."),
        ({"status": 502, "body": "<h1>Bad Gateway</h1>"}, "Many faces today."),
        ({"status": 504, "body": ""}, "That took too long"),
        ({"status": 418, "body": "a teapot"}, "please choose again."),
        ({"status": 500, "json": {"code": "never heard of"}}, "The server stumbled."),
        ({"status": 200, "body": "<h1>Log in to our Wi-Fi</h1>"}, "made no sense"),
        ({"status": 200, "body": "-1"}, "made no sense"),
    ],
    ids=lambda value: str(value.get("status")) if isinstance(value, dict) else "",
)
def test_error_answers_and_no_answers_of_ours(page, portrait, answer, words):
    options = dict(answer)
    if "json" in options:
        options["body"] = json.dumps(options.pop("json"))
    page.route(FACES, lambda route: route.fulfill(**options), times=1)
    choose(page, portrait)
    expect(page.locator("#headline")).to_contain_text(words)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".box")).to_have_count(1)


@pytest.fixture
def unanswered(page):
    """The first request gets no answer."""
    routes = []
    page.route(FACES, lambda route: routes.append(route), times=1)
    yield
    for route in routes:
        route.abort()


@pytest.mark.usefixtures("unanswered")
def test_no_answer(page, portrait):
    page.clock.install()
    choose(page, portrait)
    expect(page.locator("#headline")).to_contain_text("Please wait, sending the photo")
    page.clock.fast_forward(70_000)
    expect(page.locator("#headline")).to_contain_text("Please wait")
    page.clock.fast_forward(10_000)
    expect(page.locator("#headline")).to_contain_text("That took too long")


@pytest.mark.usefixtures("unanswered")
def test_cancelling(page, portrait):
    with page.expect_event("requestfailed") as failed:
        choose(page, portrait)
        expect(page.locator("#headline")).to_contain_text("sending the photo")
        page.get_by_role("button", name="Cancel").click()
    assert failed.value.failure == "net::ERR_ABORTED"
    expect(page.locator("#empty")).to_be_visible()
    expect(page.locator("#status")).to_have_text("Cancelled")
    assert page.get_attribute("#photo", "src") is None


@pytest.mark.usefixtures("unanswered")
def test_another_photo_replaces_the_one_being_sent(page, portrait, landscape):
    choose(page, portrait)
    expect(page.locator("#headline")).to_contain_text("sending the photo")
    choose(page, landscape)
    expect(page.locator("#headline")).to_have_text("A photo with a face, please!")
