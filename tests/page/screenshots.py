"""Screenshots of the page in every state, in Debian's Chromium, and the pictures made from it.

\b
    make serve                                  # in another terminal
    .venv/bin/python -m tests.page.screenshots [http://127.0.0.1:8081]

They are saved in var/screenshots/, the README's in docs/images/. Instead, `--art` makes the page's
icons, its sample photo and the picture for links to it (from docs/images/cover.svg) anew. Chinese
needs a font: Debian's fonts-wqy-zenhei or fonts-noto-cjk.
"""

import re
import shutil
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

from deploy.testing.photos import astronaut, encode, five_faces, no_face, panorama, reunion
from deploy.testing.service import ROOT

ALL, README = ROOT / "var" / "screenshots", ROOT / "docs" / "images"
STATIC = ROOT / "app" / "static"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]

PHOTOS = {
    "portrait": encode(astronaut()),
    "group": encode(five_faces()[0]),
    "reunion": encode(reunion()),
    "panorama": encode(panorama()),
    "none": encode(no_face()),
    "error": b"not a photo",
}
DESKTOP, PHONE, SMALL = (1200, 860), (390, 844), (320, 640)


@click.command(help=__doc__)
@click.argument("address", default="http://127.0.0.1:8081")
@click.option("--art", is_flag=True)
def main(address: str, art: bool) -> None:
    ALL.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        if art:
            draw(browser)
            return
        for size, name in ((DESKTOP, "desktop"), (PHONE, "phone"), (SMALL, "320px")):
            for theme in ("light", "dark"):
                for locale in ("en", "zh-CN"):
                    page = open_page(browser, address, size, theme, locale)
                    states(page, f"{name}-{theme}-{locale}")
                    page.context.close()
        for file, size, theme, locale, photo in (
            ("page-portrait-en.png", (1080, 700), "light", "en", "portrait"),
            ("page-group-zh-dark.png", (390, 844), "dark", "zh-CN", "reunion"),
        ):
            page = open_page(browser, address, size, theme, locale)
            choose(page, photo)
            save(page, README / file)
        browser.close()


def open_page(
    browser: Browser, address: str, size: tuple[int, int], theme: str, locale: str
) -> Page:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        locale=locale,
        reduced_motion="reduce",
        is_mobile=size != DESKTOP,
        has_touch=size != DESKTOP,
    )
    page = context.new_page()
    page.goto(address)
    return page


def states(page: Page, prefix: str) -> None:
    def shoot(name):
        # a full page scrolls the photo back
        whole = name not in ("zoom", "panorama", "card")
        page.screenshot(path=ALL / f"{name}-{prefix}.png", full_page=whole)

    shoot("idle")
    page.evaluate("document.body.classList.add('over')")
    shoot("over")
    page.evaluate("document.body.classList.remove('over')")
    page.click("#camera")
    page.wait_for_selector("dialog button:enabled[value=photo]")
    shoot("camera")
    page.keyboard.press("Escape")
    for name in PHOTOS:
        choose(page, name)
        shoot(name)
        if name == "reunion":
            page.locator(".tag").nth(20).click()
            shoot("zoom")
            page.click("#make")
            page.wait_for_selector("dialog canvas:visible")
            shoot("card")
            page.keyboard.press("Escape")
    page.set_input_files("#file", [file(name) for name in PHOTOS])
    done = re.compile(rf"{len(PHOTOS)}\b.*\b{len(PHOTOS)}\b")
    page.locator("legend", has_text=done).wait_for()
    shoot("several")
    page.click("#raw summary")
    choose(page, "portrait")
    page.click("#verdict summary")
    shoot("developers")
    held = []
    page.route("**/v1/faces?*", lambda route: held.append(route))
    choose(page, "portrait", "waiting")
    shoot("waiting")
    page.click("#cancel")
    held[0].abort()
    page.unroute("**/v1/faces?*")
    page.route("**/v1/faces?*", lambda route: route.abort())
    choose(page, "portrait", "error")
    shoot("offline")


def choose(page: Page, name: str, state: str = "") -> None:
    page.set_input_files("#file", file(name))
    state = state or (name if name in ("none", "error") else "faces")
    page.wait_for_selector(f"[data-state={state}]")
    page.wait_for_function("() => document.getElementById('photo').complete")


def file(name: str) -> FilePayload:
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": PHOTOS[name]}


def draw(browser: Browser) -> None:
    """The files of app/static that are pictures."""
    for source, target, width, height in (
        (README / "cover.svg", "cover.png", 1200, 630),
        (STATIC / "icon.svg", "icon-192.png", 192, 192),
        (STATIC / "icon.svg", "icon-512.png", 512, 512),
    ):
        page = browser.new_page(viewport={"width": width, "height": height})
        # systems cut the corners themselves
        svg = source.read_text().replace(' rx="7"', "")
        page.set_content(f"<style>body {{ margin: 0 }} svg {{ width: 100vw }}</style>{svg}")
        save(page, STATIC / target)
    sample = Image.fromarray(astronaut())
    (STATIC / "sample.jpg").write_bytes(encode(sample, quality=80, progressive=True, optimize=True))


def save(page: Page, target: Path) -> None:
    page.screenshot(path=target)
    with Image.open(target) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main()
