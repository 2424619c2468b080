"""The mini-program's own tests, and its network module against the real service."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.deploy.conftest import free_ports

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "miniprogram"


@pytest.fixture(scope="session", autouse=True)
def packages():
    """What `make test` has installed already, and a bare `pytest` has not."""
    if not (FOLDER / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=FOLDER, check=True)


def npm(script, **environment):
    command = ["npm", "run", "--silent", script]
    done = subprocess.run(
        command, cwd=FOLDER, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except urllib.error.URLError:
        return False


@pytest.fixture
def service():
    """`make serve` on a free port."""
    (port,) = free_ports(1)
    uwsgi = Path(sys.executable).parent / "uwsgi"
    command = [uwsgi, "--ini", ROOT / "uwsgi.ini", "--http", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while not answers(f"{url}/readyz"):
        assert process.poll() is None, "the service stopped"
        assert time.monotonic() < deadline, "the service is not ready"
        time.sleep(0.1)
    yield url
    process.terminate()
    process.wait()


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


def test_its_code_is_clean():
    npm("lint")


def test_its_own_tests_pass():
    npm("test")


def test_it_and_the_first_mini_program_understand_the_service(service, photos):
    npm("contract", YANLING_URL=service, YANLING_PHOTOS=str(photos))


def test_the_lock_file_names_only_the_public_registry():
    lock = (FOLDER / "package-lock.json").read_text()
    hosts = set(re.findall(r'"resolved": "https://([^/]+)/', lock))
    assert {host.removeprefix("registry.") for host in hosts} <= {"npmjs.org"}
