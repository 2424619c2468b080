"""The page at `/docs` in a browser: the whole contract, and requests that are really sent."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.fixture
def read(browser, service):
    """Open the page. Afterwards it must have logged no error and sent no request elsewhere."""
    contexts, complaints, addresses = [], [], []

    def open_page(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: addresses.append(request.url))
        page.goto(f"{service}/docs")
        expect(page.locator("article").last).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in complaints if "Failed to load resource" not in text] == []
    ours = (service, f"blob:{service}")
    assert [address for address in addresses if not address.startswith(ours)] == []


def test_every_request_parameter_and_code_is_there(read):
    page = read()
    contract = page.evaluate("fetch('/openapi.json').then(answer => answer.json())")
    text = page.locator("main").text_content()
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            article = page.locator(f"#{operation['operationId']}")
            expect(article.locator("h3")).to_have_text(f"{method.upper()} {path}")
            for status in operation["responses"]:
                expect(article.locator(f"summary b:text-is('{status}')")).to_have_count(1)
            for kind in operation.get("requestBody", {}).get("content", {}):
                assert kind in article.text_content()
    for parameter in contract["components"]["parameters"].values():
        assert parameter["name"] in text
    for code in contract["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]:
        assert code in text
    assert "undefined" not in text


def test_a_photo_is_sent_and_answered(read, portrait, group):
    page = read()

    def photo(data, name="a.jpg"):
        return {"name": name, "mimeType": "image/jpeg", "buffer": data}

    def sent(request):
        form = page.locator(f"#{request} form")
        form.locator("button").click()
        expect(form.locator("button")).to_be_enabled()
        return form.locator("[role=status]")

    for summary in page.locator("article > details > summary", has_text="Try it").all():
        summary.click()
    one = page.locator("#faces form")
    one.locator("input[type=file]").set_input_files(photo(group[0]))
    one.locator("input[name=max_faces]").fill("2")
    answer = sent("faces")
    expect(answer.locator("pre").first).to_contain_text("200")
    assert len(json.loads(answer.locator("pre").last.text_content())["faces"]) == 2
    one.get_by_label("Answer").select_option("image/jpeg")
    one.get_by_label("Body").select_option("application/octet-stream")
    expect(sent("faces").locator("img")).to_have_js_property("naturalWidth", 1200)
    one.locator("input[name=max_faces]").fill("many")
    expect(sent("faces").locator("pre").first).to_contain_text("400")
    several = page.locator("#batch form")
    several.locator("input[type=file]").set_input_files([photo(portrait), photo(b"text", "b.jpg")])
    expect(sent("batch").locator("pre").last).to_contain_text("unsupported_type")
    expect(sent("readyz").locator("pre").last).to_contain_text("weights_sha256")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everyone(read, theme):
    page = read(color_scheme=theme, viewport={"width": 320, "height": 640}, is_mobile=True)
    for summary in page.locator("#faces summary").all():
        summary.click()
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [320, 320]
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_snapshot()
