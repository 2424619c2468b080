"""The page's weight, its policy and its JavaScript."""

import subprocess

import pytest

from deploy.testing.service import ROOT

BUDGET = 90_000
WHEN_WANTED = {"sharing.js", "card.js", "cardages.js"}


def test_the_page_is_light(page, service):
    entries = page.evaluate(
        """() => ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
          .map(entry => [entry.name, entry.decodedBodySize])"""
    )
    weights = {url.removeprefix(service): size for url, size in entries}
    names = {file.name for file in (ROOT / "app" / "static").glob("*.js")}
    ours = {f"/static/{name}" for name in names - WHEN_WANTED}
    assert ours | {"/", "/static/page.css", "/static/icon.svg"} == set(weights)
    assert min(weights.values()) > 0
    assert sum(weights.values()) < BUDGET, weights


def test_the_policy_stops_foreign_scripts_and_styles(page):
    page.evaluate(
        """() => {
          const script = document.createElement('script')
          script.textContent = 'window.stolen = true'
          document.body.append(script)
          document.body.setAttribute('style', 'color: red')
        }"""
    )
    assert page.evaluate("window.stolen") is None
    assert "policy: script-src-elem" in page.complaints
    assert "policy: style-src-attr" in page.complaints
    page.complaints.clear()


def test_without_javascript_it_says_so(visit, service):
    page = visit(java_script_enabled=False)
    assert f"curl -F file=@photo.jpg {service}/v1/faces" in page.inner_text("noscript")


@pytest.mark.usefixtures("packages")
def test_its_code_passes_eslint():
    eslint = ROOT / "miniprogram" / "node_modules" / ".bin" / "eslint"
    done = subprocess.run(
        [eslint, "app", "bench"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
