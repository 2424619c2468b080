"""The documentation says what the code does, and says it in both languages."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.problems import STATUS
from model.engine import metadata

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ((ROOT / name).read_text() for name in ("README.md", "README.zh-CN.md"))
TWINS = sorted(file for file in ROOT.rglob("*.zh-CN.md") if "node_modules" not in file.parts)
PAGES = [*ROOT.glob("*.md")]
PAGES += [*(ROOT / "docs").rglob("*.md"), ROOT / "training/README.md"]
PAGES += (ROOT / "deploy").rglob("*.md")


def code(text):
    """Fenced blocks without their comments."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return [re.sub(r" *(#|// ).*", "", block) for block in blocks]


def figures(text):
    """Numbers in each row of a table, in any order: sentences have another one in Chinese."""
    rows = re.findall(r"^\|.*", text, re.MULTILINE)
    return [sorted(re.findall(r"\d+(?:\.\d+)?", row)) for row in rows]


@pytest.mark.parametrize("twin", TWINS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_twins_show_the_same_commands_and_figures(twin):
    chinese = twin.read_text()
    english = twin.with_name(twin.name.replace(".zh-CN", "")).read_text()
    assert code(english) == code(chinese)
    assert figures(english) == figures(chinese)
    assert len(re.findall(r"^#", english, re.MULTILINE)) == len(
        re.findall(r"^#", chinese, re.MULTILINE)
    )


def test_what_a_user_needs_is_there_in_chinese():
    """And each page names the other."""
    names = {str(file.relative_to(ROOT)) for file in TWINS}
    assert names >= {
        "README.zh-CN.md",
        "deploy/README.zh-CN.md",
        "docs/api.zh-CN.md",
        "docs/miniprogram.zh-CN.md",
        "docs/privacy.zh-CN.md",
        "docs/review.zh-CN.md",
    }
    for file in TWINS:
        english = file.with_name(file.name.replace(".zh-CN", ""))
        assert f"({file.name})" in english.read_text()
        assert f"({english.name})" in file.read_text()


def test_every_error_code_is_named():
    for text in (ENGLISH, CHINESE):
        assert set(STATUS) <= set(re.findall(r"`([a-z_]+)`", text))


def test_make_knows_every_target_that_the_pages_name():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in [*PAGES, *ROOT.glob(".github/workflows/*")]:
        named = set(re.findall(r"(?:^|`|run: )make ([a-z]+)", page.read_text(), re.MULTILINE))
        assert named <= targets, page


def test_every_module_that_a_page_runs_exists():
    for page in [*PAGES, *ROOT.glob("*/README.md"), ROOT / "model/weights/MODEL_CARD.md"]:
        for module in re.findall(r"python3? -m ([a-z_.]+[a-z_])", page.read_text()):
            assert find_spec(module), (page, module)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_is_broken_and_nothing_was_left_to_fill_in(page):
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target
    assert not re.findall(r"@[A-Z]+@", text)


def test_the_changelog_knows_this_version_and_these_weights():
    headings = re.findall(r"^##+ (.*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    dated = [heading.partition(" - ")[0] for heading in headings if " - 20" in heading]
    assert f"[{version}]" in dated
    assert f"Weights {metadata()['version']}" in dated


def test_the_privacy_page_names_real_tests_and_what_the_logs_hold():
    page = (ROOT / "docs/privacy.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    assert len(named) > 10
    for file, test in named:
        assert f"\ndef {test}(" in (ROOT / file).read_text(), test
    config = (ROOT / "deploy/nginx/yanling.conf").read_text()
    keys = re.findall(r'"(\w+)":', config[config.index("log_format") : config.index("server {")])
    assert set(keys) <= set(re.findall(r"`(\w+)`", page))


def test_the_relays_page_fills_every_name_in_its_template():
    folder = ROOT / "deploy" / "relay"
    files = folder / "README.md", folder / "nginx" / "yanling-relay.conf"
    page, template = (set(re.findall(r"@([A-Z_]+)@", file.read_text())) for file in files)
    assert page == template
