"""Model files inside PyPI packages."""

from importlib.util import find_spec
from pathlib import Path


def packaged_file(package: str, name: str) -> Path:
    """The path of a file inside an installed package, which is not imported.

    Raises FileNotFoundError.
    """
    spec = find_spec(package)
    path = Path(spec.origin).parent / name if spec and spec.origin else None
    if path is None or not path.is_file():
        raise FileNotFoundError(f"{name} is missing; `make .venv/serving` installs it")
    return path
