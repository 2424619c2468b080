"""deploy/canary.py against the real stack: well, down, wrong, slow."""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.keys import make
from deploy import canary
from deploy.stack import make_certificate
from deploy.testing import photos
from deploy.testing.ports import free_ports
from deploy.testing.processes import frozen
from deploy.testing.stack import running_stack
from deploy.testing.waiting import until

# without the environment's packages: it must run on any host
PYTHON = [sys.executable, "-I", "-S"]


@pytest.fixture
def canary_file(tmp_path) -> Path:
    """A copy with its photo, as another host has it."""
    for name in ("canary.py", "canary.jpg"):
        shutil.copy(Path(canary.__file__).with_name(name), tmp_path)
    return tmp_path / "canary.py"


@pytest.fixture
def sing(stack, canary_file):
    """Run it; exit status and what it said."""

    def run(*options: object, address: str = stack.url, trust=stack.certificate):
        command = [*PYTHON, canary_file, address, *map(str, options), "--ca", trust]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.stderr == ""
        assert done.stdout.count("\n") == 1
        return done.returncode, done.stdout

    return run


def test_all_is_well(sing, tmp_path):
    status, said = sing("--slow", 60, "--textfile", tmp_path / "yanling.prom")
    assert (status, said[:8]) == (0, "OK: age "), said
    written = (tmp_path / "yanling.prom").read_text()
    assert "\nyanling_canary_status 0\n" in written
    assert {file.suffix for file in tmp_path.iterdir()} == {".py", ".jpg", ".prom"}


def test_slow(sing, stack, tmp_path):
    status, said = sing("--slow", 0.001, "--textfile", tmp_path / "yanling.prom")
    assert (status, said[:12]) == (1, "SLOW: OK: ag"), said
    assert "\nyanling_canary_status 1\n" in (tmp_path / "yanling.prom").read_text()
    with frozen(stack.workers()):
        assert sing("--timeout", 1)[0] == 2
        assert "no answer within 1 s" in sing("--timeout", 1)[1]


def test_down(sing, stack, tmp_path):
    (port,) = free_ports(1)
    status, said = sing(address=f"https://localhost:{port}")
    assert (status, said[:6], "refused" in said) == (2, "DOWN: ", True)
    make_certificate(tmp_path / "other.pem", tmp_path / "key.pem")
    status, said = sing(trust=tmp_path / "other.pem")
    assert (status, "certificate" in said) == (2, True)
    assert sing(address=stack.http)[0] == 2
    assert sing(address="nonsense")[0] == 2
    stack.wait_for_start()
    stack.supervisorctl("stop", "yanling")
    try:
        status, said = sing("--textfile", tmp_path / "yanling.prom")
    finally:
        stack.supervisorctl("start", "yanling")
        until(stack.is_ready)
    assert (status, said[:14]) == (2, "DOWN: 503 busy")
    assert "\nyanling_canary_status 2\n" in (tmp_path / "yanling.prom").read_text()


def test_wrong(sing, canary_file):
    photo = canary_file.with_suffix(".jpg")
    photo.write_bytes(photos.encode(photos.no_face()))
    status, said = sing()
    assert (status, said[:27]) == (2, "WRONG: not one face, but b'"), said
    other = canary_file.read_text().replace('GENDER = "Female"', 'GENDER = "Male"')
    canary_file.write_text(other)
    photo.write_bytes(photos.portrait())
    status, said = sing()
    assert (status, "Female; expected 25 to 50, Male" in said) == (2, True), said


def test_with_a_key(tmp_path_factory, sing):
    folder = tmp_path_factory.mktemp("keys")
    key, line = make("canary")
    (folder / "keys").write_text(f"{line}\n")
    (folder / "mine").write_text(f"{key}\n")
    settings = {"SETTINGS": f'YANLING_API_KEYS="{folder}/keys"'}
    with running_stack(folder / "stack", settings) as stack:
        where = {"address": stack.url, "trust": stack.certificate}
        assert sing("--slow", 60, "--key-file", folder / "mine", **where)[0] == 0
        (folder / "mine").write_text("another")
        assert "DOWN: 401 unauthorized" in sing("--key-file", folder / "mine", **where)[1]


def test_its_photo_is_the_public_domain_portrait():
    photo = np.asarray(Image.open(io.BytesIO(canary.FACE.read_bytes())), float)
    assert np.abs(photo - np.asarray(photos.face(), float)).mean() < 5
    assert canary.FACE.stat().st_size < 10_000
