"""Usable by everyone: any width, theme and language, with a keyboard or a screen reader."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.page.actions import choose

AXE = Axe()


@pytest.fixture
def photos(portrait, group, landscape):
    return {"portrait": portrait, "group": group[0], "landscape": landscape, "text": b"text"}


def every_state(page, photos):
    """Yields in each state of the page."""
    yield "idle"
    for name, data in photos.items():
        choose(page, data)
        kind = {"landscape": "none", "text": "error"}.get(name, "faces")
        page.wait_for_selector(f"[data-state={kind}]")
        if name == "portrait":
            page.click("#raw summary")
        yield name


def test_320_px_without_scrolling_sideways(visit, photos):
    page = visit(viewport={"width": 320, "height": 600}, is_mobile=True, has_touch=True)
    for state in every_state(page, photos):
        # a phone would zoom out rather than scroll
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide == [320, 320], state


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(visit, photos, theme, locale):
    page = visit(locale=locale, color_scheme=theme, reduced_motion="reduce", permissions=["camera"])
    for state in every_state(page, photos):
        results = AXE.run(page)
        assert results.violations_count == 0, (state, results.generate_snapshot())
    page.click("#camera")
    page.wait_for_selector("dialog :enabled[value=photo]")
    results = AXE.run(page)
    assert results.violations_count == 0, results.generate_snapshot()


def test_axe_finds_a_button_without_a_name(page):
    page.evaluate("document.getElementById('choose').textContent = ''")
    assert "button-name" in AXE.run(page).generate_snapshot()


@pytest.mark.parametrize(("theme", "light"), [("light", True), ("dark", False)])
def test_themes(visit, theme, light):
    page = visit(color_scheme=theme)
    paper = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert (min(paper) > 200) == light
    assert (max(paper) < 60) != light


def test_languages(visit, portrait):
    page = visit(locale="zh-TW")
    expect(page.locator("h1")).to_have_text("这张脸，看起来几岁？")
    choose(page, portrait)
    expect(page.locator("#gender")).to_have_text("女")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#gender")).to_have_text("female")
    expect(page.locator("h1")).to_have_text("Looks 40")
    assert page.get_attribute("html", "lang") == "en"
    page.reload()
    expect(page.locator("h1")).to_have_text("How old does this face look?")
    assert page.evaluate("Object.entries(localStorage)") == [["language", "en"]]
    assert page.context.cookies() == []


def test_both_languages_have_the_same_keys(page):
    shapes = page.evaluate(
        """async () => {
          const shape = value => value && typeof value === 'object' && !Array.isArray(value)
            ? Object.entries(value).map(([key, part]) => [key, shape(part)])
            : String(value).match(/{\\w+}/g)?.sort() ?? []
          const { words, switchLanguage } = await import('/static/words.js')
          const first = shape(words())
          switchLanguage()
          return [first, shape(words())]
        }"""
    )
    assert len(shapes[0]) > 40
    assert shapes[0] == shapes[1]


def test_every_error_code_has_a_text(page):
    documented = page.evaluate(
        """async () => {
          const { components } = await (await fetch('/openapi.json')).json()
          return components.schemas.Problem.properties.code.enum
        }"""
    )
    known = page.evaluate(
        "async () => Object.keys((await import('/static/words.js')).words().errors)"
    )
    assert set(documented) <= set(known)


def test_by_keyboard_only(page, group):
    def focused():
        return page.evaluate("document.activeElement.id")

    photo = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": group[0]}
    page.on("filechooser", lambda chooser: chooser.set_files(photo))
    stops = []
    for _ in range(3):
        page.keyboard.press("Tab")
        stops.append(focused())
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert stops == ["language", "choose", "camera"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".box")).to_have_count(5)
    expect(page.locator("#headline")).to_be_focused()
    page.keyboard.press("Tab")
    assert focused() == "face-0"
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Face 2:")).to_be_checked()
    expect(page.locator("#status")).to_contain_text(re.compile(r"^5 faces, .*Number 2: Looks"))
    outline = "getComputedStyle(document.querySelector('#face-1 + label')).outlineStyle"
    assert page.evaluate(outline) == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Whole photo")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Faces hidden")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("#make")).to_be_focused()


def test_a_screen_reader_hears_each_step(page, portrait):
    choose(page, portrait)
    expect(page.locator("#status")).to_contain_text("Looks")
    *steps, last = page.evaluate("said")
    assert steps == [
        "Please wait, getting the photo ready",
        "Please wait, sending the photo",
        "Please wait, having a good look…",
    ]
    assert last.startswith("Looks 40")
    assert "female, probably" in last


@pytest.mark.parametrize(("wish", "moves"), [("reduce", False), ("no-preference", True)])
def test_no_motion_where_reduced_motion_is_preferred(visit, group, wish, moves):
    page = visit(reduced_motion=wish, viewport={"width": 390, "height": 844})
    page.mouse.move(5, 5)
    looks = page.evaluate("document.getElementById('mascot').style.getPropertyValue('--x')")
    assert looks.startswith("-") == moves
    places = []
    page.expose_function("seen", lambda place: places.append(place))
    page.evaluate(
        """() => {
          window.moved = []
          addEventListener('animationstart', event => moved.push(event.animationName))
          const animate = Element.prototype.animate
          Element.prototype.animate = function (...frames) {
            moved.push('glide')
            return animate.apply(this, frames)
          }
          const frame = document.getElementById('frame')
          new MutationObserver(() => seen(frame.getBoundingClientRect().y))
            .observe(document.getElementById('headline'), { childList: true })
        }"""
    )
    choose(page, group[0])
    page.locator(".tag").nth(4).click()
    expect(page.get_by_role("button", name="Whole photo")).to_be_visible()
    page.wait_for_function("wish => wish === 'reduce' || moved.includes('glide')", arg=wish)
    assert ("appear" in page.evaluate("moved")) == moves
    assert bool(page.evaluate("moved.length")) == moves
    # the photo stays where it was while the answer came
    assert len(set(places[1:])) == 1, places
