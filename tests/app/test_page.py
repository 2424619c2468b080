"""The try-it page in a real Chromium, against the real application."""

import shutil
from threading import Thread

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def address(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(address):
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        yield page
        browser.close()
    # Chromium itself notes every 4xx and every broken connection on the console
    assert [text for text in complaints if "Failed to load resource" not in text] == []


def choose(page, data, name="photo.jpg"):
    page.set_input_files("#file", {"name": name, "mimeType": "image/jpeg", "buffer": data})


def test_a_portrait_gets_its_box_and_age(page, portrait):
    choose(page, portrait)
    expect(page.locator(".box")).to_have_count(1)
    expect(page.locator("#faces")).to_contain_text("Female")
    box, photo = page.locator(".box").bounding_box(), page.locator("#photo").bounding_box()
    assert 0.3 < (box["x"] - photo["x"]) / photo["width"] < 0.45
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_group_gets_a_box_each(page, group):
    choose(page, group[0])
    expect(page.locator(".box")).to_have_count(5)


def test_a_photo_can_be_dropped(page, portrait):
    transfer = page.evaluate_handle(
        """async bytes => {
            const transfer = new DataTransfer()
            transfer.items.add(new File([new Uint8Array(bytes)], 'p.jpg', { type: 'image/jpeg' }))
            return transfer
        }""",
        list(portrait),
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    expect(page.locator(".box")).to_have_count(1)


def test_no_face_and_a_broken_file_say_so(page, landscape):
    choose(page, landscape)
    expect(page.locator("#status")).to_contain_text("No face")
    choose(page, b"not a photo")
    expect(page.locator("#status")).to_contain_text("unsupported_type")
    expect(page.locator(".box")).to_have_count(0)


def test_an_unreachable_server_says_so(page, portrait):
    page.route("**/v1/faces", lambda route: route.abort())
    choose(page, portrait)
    expect(page.locator("#status")).to_contain_text("cannot be reached")
