"""The mini-program's own tests, and its network module on the real service."""

import os
import subprocess

import pytest

from deploy.testing.service import ROOT

FOLDER = ROOT / "miniprogram"

pytestmark = pytest.mark.usefixtures("packages")


def npm(script, **environment):
    command = ["npm", "run", "--silent", script]
    done = subprocess.run(
        command, cwd=FOLDER, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def photos(tmp_path, portrait, group, landscape):
    files = {
        "portrait": portrait,
        "group": group[0],
        "landscape": landscape,
        "text": b"not a photo",
        "empty": b"",
        "cut": portrait[:2000],
    }
    for name, data in files.items():
        (tmp_path / f"{name}.jpg").write_bytes(data)
    return tmp_path


def test_its_code_passes_eslint():
    npm("lint")


def test_its_own_tests_pass():
    npm("test")


def test_it_and_the_first_mini_program_understand_the_service(service, photos):
    npm("contract", YANLING_URL=service, YANLING_PHOTOS=str(photos))
