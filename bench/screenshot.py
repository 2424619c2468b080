"""Make docs/images/result.png: the try-it page with a portrait, in Debian's Chromium.

    make serve                                  # in another terminal
    .venv/bin/python -m bench.screenshot [http://127.0.0.1:8081]

Chinese needs a font: Debian's fonts-wqy-zenhei or fonts-noto-cjk.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from skimage import data

TARGET = Path(__file__).parents[1] / "docs" / "images" / "result.png"


def main(address: str = "http://127.0.0.1:8081") -> None:
    buffer = io.BytesIO()
    Image.fromarray(data.astronaut()).save(buffer, "JPEG", quality=95)  # NASA, public domain
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(viewport={"width": 720, "height": 640})
        page.goto(address)
        photo = {"name": "astronaut.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
        page.set_input_files("#file", photo)
        page.wait_for_selector(".box")
        page.screenshot(path=TARGET, full_page=True)
        browser.close()
    with Image.open(TARGET) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(TARGET, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
