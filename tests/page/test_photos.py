"""How a photo gets into the page, and what the page sends of it."""

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from deploy.testing.photos import encode
from tests.page.actions import choose, sent, size_of

TRANSFER = """bytes => {
  const transfer = new DataTransfer()
  if (bytes) transfer.items.add(new File([new Uint8Array(bytes)], 'p.jpg', { type: 'image/jpeg' }))
  else transfer.setData('text/plain', 'no photo')
  return transfer
}"""
PASTE = """transfer => document.body.dispatchEvent(
  new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true })
)"""


def test_choosing_a_file_twice(page, portrait):
    photo = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": portrait}
    for label in ("Choose a photo", "Another photo"):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name=label).click()
        chooser.value.set_files(photo)
        expect(page.locator(".box")).to_have_count(1)


def test_a_heic_which_chromium_cannot_show_is_sent_and_answered(page, astronaut):
    photo = encode(astronaut, "HEIC")
    choose(page, photo, "p.heic")
    expect(page.locator("#gender")).to_have_text("female")
    expect(page.locator("#frame")).to_be_hidden()
    expect(page.locator("#notes")).to_contain_text("This is an iPhone HEIC photo")
    assert sent(page) == photo


def test_dropping(page, portrait):
    transfer = page.evaluate_handle(TRANSFER, list(portrait))
    page.dispatch_event("#empty", "dragover", {"dataTransfer": transfer})
    expect(page.get_by_text("Let go")).to_be_visible()
    page.dispatch_event("#empty", "drop", {"dataTransfer": transfer})
    expect(page.locator(".box")).to_have_count(1)


def test_dropping_something_else(page):
    transfer = page.evaluate_handle(TRANSFER, None)
    page.dispatch_event("#empty", "drop", {"dataTransfer": transfer})
    expect(page.locator("#headline")).to_contain_text("not a photo file")


def test_pasting(page, portrait):
    page.evaluate_handle(TRANSFER, None).evaluate(PASTE)
    expect(page.locator("#empty")).to_be_visible()
    page.evaluate_handle(TRANSFER, list(portrait)).evaluate(PASTE)
    expect(page.locator(".box")).to_have_count(1)


def test_the_camera(visit):
    page = visit(permissions=["camera"])
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Take the photo").click()
    expect(page.locator("#gender")).to_have_text("female")
    assert size_of(sent(page)) == (640, 480)
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_closing_the_camera(visit):
    page = visit(permissions=["camera"])
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()
    stream = page.evaluate_handle("document.querySelector('video').srcObject")
    page.keyboard.press("Escape")
    expect(page.locator("#empty")).to_be_visible()
    expect(page.locator("#camera")).to_be_focused()
    # the page stops the camera on the dialog's close event, which comes after the focus returns
    page.wait_for_function(
        "stream => stream.getTracks().every(track => track.readyState === 'ended')", arg=stream
    )


def test_the_camera_refused(page):
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("#headline")).to_have_text("Without camera permission I cannot see you.")
    expect(page.locator("#retry")).to_be_hidden()


@pytest.fixture(scope="module")
def phone_photo(astronaut):
    """12 megapixels of an upright phone: stored rotated, with EXIF orientation 6 and the place."""
    noise = np.random.default_rng(0).integers(0, 12, (4000, 3000, 1), np.uint8)
    scene = Image.fromarray(np.repeat(noise + 110, 3, axis=2))
    scene.paste(Image.fromarray(astronaut).resize((2000, 2000)), (700, 1600))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return encode(scene.rotate(90, expand=True), exif=exif)


def test_a_phone_photo_is_sent_small_upright_and_without_its_place(page, phone_photo, tmp_path):
    assert size_of(phone_photo) == (4000, 3000)
    assert len(phone_photo) > 2_000_000
    (tmp_path / "phone.jpg").write_bytes(phone_photo)
    page.set_input_files("#file", tmp_path / "phone.jpg")
    expect(page.locator(".box")).to_have_count(1)
    small = sent(page)
    assert size_of(small) == (1200, 1600)
    assert len(small) < 700_000
    assert b"Exif" in phone_photo
    assert b"Exif" not in small
    box, photo = (page.locator(name).bounding_box() for name in (".box", "#photo"))
    assert photo["height"] / photo["width"] == pytest.approx(4 / 3, abs=0.01)
    # the astronaut's face is at (224, 118) of 512
    x = (box["x"] + box["width"] / 2 - photo["x"]) / photo["width"]
    y = (box["y"] + box["height"] / 2 - photo["y"]) / photo["height"]
    assert x == pytest.approx((700 + 2000 * 224 / 512) / 3000, abs=0.02)
    assert y == pytest.approx((1600 + 2000 * 118 / 512) / 4000, abs=0.02)


def test_a_small_photo_is_sent_unchanged(page, portrait):
    choose(page, portrait)
    expect(page.locator(".box")).to_have_count(1)
    assert sent(page) == portrait


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_what_decodes_slowly_is_sent_as_jpeg(page, astronaut, format):
    choose(page, encode(astronaut, format), f"p.{format}", f"image/{format.lower()}")
    expect(page.locator(".box")).to_have_count(1)
    assert size_of(sent(page)) == (512, 512)
    assert sent(page).startswith(b"\xff\xd8")


def test_a_small_photo_with_its_place_is_redrawn(page, astronaut):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0)})
    choose(page, encode(astronaut, exif=exif))
    expect(page.locator(".box")).to_have_count(1)
    assert size_of(sent(page)) == (512, 512)
    assert b"Exif" not in sent(page)


def test_transparent_parts_become_white(page, astronaut):
    picture = Image.new("RGBA", (1700, 900))
    picture.paste(Image.fromarray(astronaut), (0, 0))
    choose(page, encode(picture, "PNG"), "p.png", "image/png")
    expect(page.locator(".box")).to_have_count(1)
    assert size_of(sent(page)) == (1600, 847)
    assert page.evaluate(
        """async () => {
          const bitmap = await createImageBitmap(sent)
          const context = new OffscreenCanvas(1, 1).getContext('2d')
          context.drawImage(bitmap, -1500, -800)
          return [...context.getImageData(0, 0, 1, 1).data]
        }"""
    ) == [255, 255, 255, 255]


def test_the_file_name_is_not_sent(page, portrait):
    with page.expect_request("**/v1/faces?*") as request:
        choose(page, portrait, "private-name.jpg")
    expect(page.locator(".box")).to_have_count(1)
    assert page.evaluate("sent.name") == "photo"
    assert b"private-name" not in (request.value.post_data_buffer or b"")
