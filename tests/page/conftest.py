"""Debian's Chromium on the page at `/` of the real service."""

import shutil

import pytest
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from deploy.testing.photos import encode

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# records what the page did: its texts for screen readers, the photo it sent
WITNESS = """
addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))
window.said = []
addEventListener('DOMContentLoaded', () => {
  const status = document.getElementById('status')
  new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true })
})
const send = XMLHttpRequest.prototype.send
XMLHttpRequest.prototype.send = function (form) {
  window.sent = form.get('file')
  send.call(this, form)
}
"""


expect.set_options(timeout=60_000)  # a busy machine is slow


@pytest.fixture(scope="session")
def camera(astronaut, tmp_path_factory):
    """A film for the webcam: the astronaut, sitting still."""
    frame = Image.new("RGB", (640, 480))
    frame.paste(Image.fromarray(astronaut).resize((480, 480)), (80, 0))
    film = tmp_path_factory.mktemp("camera") / "film.mjpeg"
    film.write_bytes(encode(frame) * 3)
    return film


@pytest.fixture(scope="package")
def browser(camera):
    flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}"]
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS + flags)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, service):
    """Open the page, in English by default. Afterwards it must have logged no error and sent no
    request elsewhere."""
    contexts, complaints, requests = [], [], []

    def open_page(address=service, locale="en", **options):
        context = browser.new_context(locale=locale, **options)
        contexts.append(context)
        context.add_init_script(WITNESS)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append((address, request.url)))
        page.complaints = complaints
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    # Chromium itself logs every 4xx and every broken connection
    assert [text for text in complaints if "Failed to load resource" not in text] == []
    elsewhere = [
        url for address, url in requests if not url.startswith((address, f"blob:{address}"))
    ]
    assert elsewhere == []


@pytest.fixture
def page(visit):
    return visit()
