"""What the page shows of an answer."""

import json
import re
import subprocess

import numpy as np
import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import expect

from deploy.testing.photos import encode, mosaic
from tests.page.actions import choose


def test_a_portrait(page, portrait):
    choose(page, portrait)
    expect(page.locator(".box")).to_have_count(1)
    expect(page.locator(".dot")).to_have_count(5)
    expect(page.locator("#headline")).to_have_text(re.compile(r"Looks \d\d"))
    assert 25 <= int(page.inner_text("#age")) <= 45
    expect(page.locator("#gender")).to_have_text("female")
    expect(page.locator("#sure")).to_contain_text("% sure")
    answer = json.loads(page.inner_text("#raw pre#json") or page.text_content("#json"))
    low, high = answer["faces"][0]["age_range"]
    expect(page.locator("#range")).to_contain_text(f"True age is around {low}–{high}: in our tests")
    expect(page.locator("#range")).to_contain_text("about 8 faces in ten")
    expect(page.locator("#notes")).to_be_empty()
    box, photo = (page.locator(name).bounding_box() for name in (".box", "#photo"))
    assert 0.3 < (box["x"] - photo["x"]) / photo["width"] < 0.45


def test_faces_that_are_not_judged_are_said(page, portrait):
    choose(page, encode(mosaic(1920, 960, 50)))
    expect(page.locator("#not-judged")).to_contain_text(re.compile(r"\d{3} more were not judged"))
    choose(page, portrait)
    expect(page.locator(".box")).to_have_count(1)
    expect(page.locator("#not-judged")).to_be_hidden()


@pytest.mark.parametrize("size", [(390, 844), (700, 700), (1200, 800)])
def test_the_answer_is_in_the_viewport(visit, portrait, size):
    page = visit(
        viewport=dict(zip(("width", "height"), size, strict=True)), reduced_motion="reduce"
    )
    choose(page, portrait)
    expect(page.locator("#age")).to_be_in_viewport(ratio=1)
    expect(page.locator(".box")).to_be_in_viewport(ratio=1)


def test_landmarks_are_inside_the_box(page, portrait):
    choose(page, portrait)
    expect(page.locator(".dot")).to_have_count(5)
    box = page.locator(".box").bounding_box()
    for dot in page.locator(".dot").all():
        place = dot.bounding_box()
        assert box["x"] < place["x"] < box["x"] + box["width"]
        assert box["y"] < place["y"] < box["y"] + box["height"]


def test_the_chart_is_the_distribution(page, portrait):
    choose(page, portrait)
    expect(page.locator("#chart .line")).to_have_count(1)
    shares = json.loads(page.text_content("#json"))["faces"][0]["age_distribution"]
    page.click("#verdict summary")
    path = page.get_attribute("#chart .line", "d").removeprefix("M").split("L")
    points = np.array([point.split() for point in path], float)
    assert points[:, 0].tolist() == list(range(101))
    heights = 30 - points[:, 1]
    np.testing.assert_allclose(heights / heights.sum(), np.array(shares) / sum(shares), atol=1e-3)
    peak = int(np.argmax(shares))
    expect(page.get_by_role("img", name=f"most likely {peak};")).to_be_visible()


def test_a_face_of_a_group_is_chosen(page, group):
    data, centres = group
    choose(page, data)
    expect(page.locator(".box")).to_have_count(5)
    expect(page.locator("#headline")).to_contain_text("5 faces, looking")
    photo = page.locator("#photo").bounding_box()
    for box in page.locator(".box").all():
        place = box.bounding_box()
        middle = np.array(
            [
                1200 * (place["x"] + place["width"] / 2 - photo["x"]) / photo["width"],
                800 * (place["y"] + place["height"] / 2 - photo["y"]) / photo["height"],
            ]
        )
        assert np.abs(centres - middle).max(axis=1).min() < 60
    page.locator(".box").nth(3).click()
    expect(page.get_by_role("radio", name="Face 4:")).to_be_checked()
    expect(page.locator(".dot:visible")).to_have_count(5)
    expect(page.locator("#face")).to_have_text(re.compile(r"Looks \d\d"))


def test_no_face(page, landscape):
    choose(page, landscape)
    expect(page.locator("#headline")).to_have_text("A photo with a face, please!")
    expect(page.locator("#photo")).to_be_visible()
    expect(page.locator("#verdict")).to_be_hidden()
    advice, joke = page.locator("#advice"), page.get_by_text("milk tea")
    expect(advice).to_contain_text("More light")
    assert advice.bounding_box()["y"] < joke.bounding_box()["y"]
    expect(page.locator(".box")).to_have_count(0)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda face: face.filter(ImageFilter.GaussianBlur(5)), "blurred"),
        (lambda face: face.point(lambda value: value // 6), "dark"),
        (lambda face: face.crop((0, 0, 512, 150)), "outside the photo"),
    ],
    ids=["blurred", "dark", "cut off"],
)
def test_quality_notes(page, astronaut, spoil, words):
    choose(page, encode(spoil(Image.fromarray(astronaut))))
    expect(page.locator("#notes li")).to_contain_text(words)


def test_the_curl_line_gives_the_same_answer(page, portrait, tmp_path):
    choose(page, portrait)
    page.click("#raw summary")
    (tmp_path / "photo.jpg").write_bytes(portrait)
    line = page.inner_text("#curl")
    done = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, check=True)
    there, here = json.loads(done.stdout), json.loads(page.inner_text("#json"))
    assert there | {"request_id": here["request_id"]} == here


def test_the_curl_line_and_the_json_can_be_copied(visit, portrait):
    page = visit(permissions=["clipboard-read"])
    choose(page, portrait)
    page.click("#raw summary")
    for name in ("curl", "json"):
        button = page.locator(f"[data-copy={name}]")
        button.click()
        expect(button).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == page.text_content(f"#{name}")
