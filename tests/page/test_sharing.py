"""What a visitor takes along: a card that hides faces, and the answers of several photos."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.page.actions import choose

SHARE = """
navigator.canShare = ({ files }) => files.every(file => file.type === 'image/jpeg')
navigator.share = async data => { window.shared = data }
"""


def downloaded(page, button):
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def card(page):
    """The card that is downloaded, as pixels."""
    name, data = downloaded(page, "Download")
    assert name == "yanling.jpg"
    return np.array(Image.open(io.BytesIO(data)).convert("L"), float)


def detail(pixels):
    """How much neighbouring pixels differ, on average."""
    return np.abs(np.diff(pixels, axis=1)).mean()


def test_a_card_hides_the_faces_unless_asked_otherwise(visit, portrait):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script(SHARE)
    page.reload()
    choose(page, portrait)
    page.get_by_role("button", name="Make a card").click()
    expect(page.get_by_role("img", name="Looks 40")).to_be_visible()
    uploads = page.evaluate("performance.getEntriesByType('resource').length")
    hidden = card(page)
    page.get_by_role("radio", name="Faces shown").check()
    shown = card(page)
    # the photo is 1000 pixels wide, at (40, 40); her eyes and mouth are here
    eyes = (slice(240, 330), slice(420, 540))
    assert detail(hidden[eyes]) < 0.5 * detail(shown[eyes])
    elsewhere = (slice(600, 1000), slice(60, 1000))
    assert np.abs(hidden[elsewhere] - shown[elsewhere]).mean() < 1
    page.get_by_role("radio", name="No photo").check()
    assert card(page).shape[0] < shown.shape[0]
    page.get_by_role("button", name="Copy picture").click()
    expect(page.locator("#card-hint")).to_have_text("Copied")
    kinds = page.evaluate("navigator.clipboard.read().then(([item]) => item.types)")
    assert kinds == ["image/png"]
    page.get_by_role("button", name="Share").click()
    page.wait_for_function("() => window.shared")
    assert page.evaluate("[shared.files[0].type, shared.text]") == [
        "image/jpeg",
        "Yanling says: Looks 40. And you?",
    ]
    assert page.evaluate("performance.getEntriesByType('resource').length") == uploads


def test_a_card_hides_everything_where_faces_were_not_judged(page, portrait):
    def reply(route):
        answer = route.fetch().json() | {"faces_not_judged": 7}
        route.fulfill(body=json.dumps(answer), content_type="application/json")

    page.route("**/v1/faces?*", reply)
    choose(page, portrait)
    page.get_by_role("button", name="Make a card").click()
    expect(page.locator("#card-hint")).to_contain_text("the whole photo is hidden")
    hidden = card(page)
    page.get_by_role("radio", name="Faces shown").check()
    elsewhere = (slice(600, 1000), slice(60, 1000))
    assert detail(hidden[elsewhere]) < 0.7 * detail(card(page)[elsewhere])


@pytest.fixture
def four(portrait, landscape, group):
    photos = {"=portrait.jpg": portrait, "landscape.jpg": landscape}
    photos |= {"text, not a photo": b"text", "five.jpg": group[0]}
    return [
        {"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in photos.items()
    ]


def test_several_photos_and_their_table(page, four):
    page.set_input_files("#file", four)
    answers = page.locator("#photos b")
    expect(answers.nth(3)).to_contain_text("–")
    expect(page.locator("#strip legend")).to_have_text("4 of 4 photos done")
    expect(page.locator("#status")).to_have_text("All 4 photos are done.")
    assert answers.nth(0).inner_text().isdigit()
    assert [answers.nth(number).inner_text() for number in (1, 2)] == ["–", "!"]
    page.get_by_role("radio", name="Photo 4, five.jpg: 5 faces").check()
    expect(page.locator(".box")).to_have_count(5)
    name, data = downloaded(page, "All results (CSV)")
    assert name == "yanling.csv"
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert data.startswith(b"\xef\xbb\xbf")
    assert [row["file"] for row in rows] == [
        "'=portrait.jpg",
        "landscape.jpg",
        "text, not a photo",
        *["five.jpg"] * 5,
    ]
    assert [row["face"] for row in rows] == ["1", "", "", "1", "2", "3", "4", "5"]
    assert 25 < float(rows[0]["age"]) < 45
    assert rows[1]["faces"] == "0"
    assert rows[2]["error"] == "unsupported_type"


def test_cancelling_keeps_the_answers_that_came(page, four):
    held = []

    def only_the_first(route):
        if held:
            held.append(route)
        else:
            held.append(None)
            route.continue_()

    page.route("**/v1/faces?*", only_the_first)
    page.set_input_files("#file", [four[0], *[four[2]] * 50])
    expect(page.locator("#most")).to_contain_text("only the first 50")
    expect(page.locator("#strip legend")).to_have_text("1 of 50 photos done")
    page.get_by_role("radio", name="Photo 2,").check()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#headline")).to_contain_text("Looks 40")
    expect(page.locator("#strip")).to_be_hidden()


def test_the_sample_is_fetched_when_it_is_wanted(page):
    requests = []
    page.on("request", lambda request: requests.append(request.url.rpartition("/")[2]))
    page.reload()
    sample = page.get_by_role("button", name="Try a sample")
    expect(sample).to_be_visible()
    assert "page.js" in requests
    assert "sample.jpg" not in requests
    sample.click()
    expect(page.locator("#credit")).to_contain_text("Eileen Collins")
    expect(page.locator("#gender")).to_have_text("female")
    assert "sample.jpg" in requests
