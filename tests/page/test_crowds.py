"""Every face of a crowd has its age, on any screen; a tap brings a face closer."""

import json
import re

import pytest
from playwright.sync_api import expect

from deploy.testing.photos import encode, panorama, reunion, school_class
from tests.page.actions import choose

# what the page shows of the labels: places in the photo, and whether a line was broken
LABELS = """() => {
  const photo = document.getElementById('photo').getBoundingClientRect()
  return [...document.querySelectorAll('.tag')].map(tag => {
    const { left, top, right, bottom } = tag.getBoundingClientRect()
    const style = getComputedStyle(tag)
    return {
      shown: style.visibility === 'visible', text: tag.textContent,
      size: parseFloat(style.fontSize),
      lines: Math.round((bottom - top) / parseFloat(style.lineHeight)),
      left: left - photo.left, top: top - photo.top, right: right - photo.left,
      bottom: bottom - photo.top, width: photo.width, height: photo.height
    }
  })
}"""


def overlap(one, other):
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return across > 0.5 and down > 0.5


def check_labels(page, count):
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    labels = page.evaluate(LABELS)
    assert len(labels) == count
    for number, label in enumerate(labels):
        assert label["shown"]
        assert re.fullmatch("[34][0-9]♀\ufe0e", label["text"])
        assert label["size"] >= 12
        assert label["lines"] == 1
        assert label["left"] > -0.5
        assert label["top"] > -0.5
        assert label["right"] < label["width"] + 0.5
        assert label["bottom"] < label["height"] + 0.5
        assert not any(overlap(label, other) for other in labels[:number])


@pytest.mark.parametrize(
    ("photo", "count"), [(reunion, 39), (school_class, 60), (panorama, 12)], ids=["39", "60", "6:1"]
)
def test_every_age_is_readable(visit, photo, count):
    page = visit(reduced_motion="reduce")
    choose(page, encode(photo()))
    headline = re.compile(rf"{count} faces, looking 3\d to [34]\d")
    expect(page.locator("#headline")).to_have_text(headline)
    for width in (320, 390, 1200):
        page.set_viewport_size({"width": width, "height": 700})
        check_labels(page, count)
        assert page.evaluate("document.documentElement.scrollWidth") == width
    expect(page.locator(".dot:visible")).to_have_count(5)


def test_labels_that_have_no_room_are_left_out(page):
    labels = page.evaluate(
        """async () => {
          const { place } = await import('/static/labels.js')
          const boxes = Array.from({ length: 64 }, (_, index) => (
            { left: index % 8 * 9, top: Math.floor(index / 8) * 9, width: 8, height: 8 }
          ))
          const sizes = boxes.map(() => ({ width: 24, height: 14 }))
          return place(boxes, sizes, { width: 80, height: 80 })
        }"""
    )
    for label in labels:
        label |= {"right": label["left"] + 24, "bottom": label["top"] + 14}
        assert 0 <= label["left"] <= 56
        assert 0 <= label["top"] <= 66
    clear = [label for label in labels if label["clear"]]
    assert 5 < len(clear) < 20
    for number, label in enumerate(clear):
        assert not any(overlap(label, other) for other in clear[:number])


def test_a_tap_brings_a_face_closer(visit):
    page = visit(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    choose(page, encode(reunion()))
    tag = page.locator(".tag").nth(30)
    box, frame = page.locator(".box").nth(30), page.locator("#frame")
    far = box.bounding_box()
    tag.click()
    expect(page.get_by_role("radio", name="Face 31:")).to_be_checked()
    expect(page.locator("#face")).to_contain_text(tag.inner_text()[:2])
    near, window = box.bounding_box(), frame.bounding_box()
    assert near["width"] > 3 * far["width"]
    for side, size in (("x", "width"), ("y", "height")):
        assert near[side] > window[side] - 1
        assert near[side] + near[size] < window[side] + window[size] + 1
    dots = [dot.bounding_box()["width"] for dot in page.locator(".dot:visible").all()]
    assert min(dots) > 3
    page.mouse.move(window["x"] + 40, window["y"] + 40)
    page.mouse.down()
    page.mouse.move(window["x"] + 90, window["y"] + 40, steps=5)
    page.mouse.up()
    dragged = box.bounding_box()["x"] - near["x"]
    assert dragged == pytest.approx(50, abs=5)
    page.locator(".box").nth(30).click()
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
    assert box.bounding_box()["width"] == pytest.approx(far["width"], abs=1)


def test_the_spread_and_what_is_perhaps_no_face(page, portrait):
    """Ages from 7 to 63, a gender that seems certain, a box beyond the photo's edge."""

    def reply(route):
        answer = route.fetch().json()
        (face,) = answer["faces"]
        girl = face | {"age": 7.4, "gender_confidence": 1.0, "box": face["box"] | {"left": -40}}
        man = face | {"age": 63.2, "gender": "Male", "box": face["box"] | {"left": 460}}
        dog = face | {"age": 80.0, "quality": face["quality"] | {"notes": ["unsure"]}}
        answer["faces"] = [girl, man, dog]
        route.fulfill(body=json.dumps(answer), content_type="application/json")

    page.route("**/v1/faces?*", reply)
    choose(page, portrait)
    expect(page.locator("#headline")).to_have_text("2 faces, looking 7 to 63")
    expect(page.locator("#spread")).to_have_text(
        re.compile(r"♀\ufe0e 1\s*♂\ufe0e 1\s*and 1 marked \?")
    )
    expect(page.locator("#sure")).to_have_text("99% sure")
    assert [label["text"] for label in page.evaluate(LABELS)] == ["7♀\ufe0e", "63♂\ufe0e", "80?"]
    photo = page.locator("#photo").bounding_box()
    for part in page.locator(".box, .tag").all():
        place = part.bounding_box()
        assert place["x"] > photo["x"] - 0.5
        assert place["x"] + place["width"] < photo["x"] + photo["width"] + 0.5
    shapes = page.evaluate(
        "[...document.querySelectorAll('.tag')].map(tag => getComputedStyle(tag).borderRadius)"
    )
    assert shapes[0] != shapes[1]
