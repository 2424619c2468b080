"""Each note has words wherever people read them."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from deploy.testing.service import ROOT
from model.quality import Quality, judge

NOTES = [*judge(**dict.fromkeys((field.name for field in fields(Quality)), 0.0)), "child"]


@pytest.mark.parametrize(
    "files",
    [
        ["app/static/zh.js", "app/static/en.js"],
        ["miniprogram/src/texts/zh.js", "miniprogram/src/texts/en.js"],
    ],
)
def test_every_note_has_words_in_both_languages(files):
    words = "".join(Path(ROOT, file).read_text() for file in files)
    lists = re.findall(r"\n  notes: \{(.*?)\n  \}", words, re.DOTALL)
    assert [re.findall(r"(\w+): '", one) for one in lists] == [NOTES, NOTES]
