"""Model files are used only when their SHA-256 is the expected one.

A single changed byte can move boxes or shift ages without any other sign.
"""

import hashlib
from pathlib import Path


class WeightsError(RuntimeError):
    """A model file is missing, broken, or not made for this code."""


def verify(path: Path, sha256: str, source: str) -> None:
    """Raises WeightsError when the file cannot be read, or is not the one that `source` names."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(f"cannot read the weights: {error}") from error
    if found != sha256:
        raise WeightsError(f"{path} is not the file that {source} names: checksum differs")
