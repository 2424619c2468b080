"""Turns chips into probabilities: the exported graph, or the Keras model it was made from."""

import json
from pathlib import Path
from typing import Protocol

import numpy as np

from model import chip
from model.verified import WeightsError, verify

WEIGHTS = Path(__file__).parent / "weights"
FILES = {"onnx": "int8.onnx", "keras": "float16.npz"}


class Engine(Protocol):
    """Safe to share between threads."""

    def run(self, chips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, CHIP_SIZE, CHIP_SIZE, 3) uint8 RGB -> the probability of each age from 0 to 100,
        (n, 101), and of female, (n,), both float32."""
        ...


def metadata(folder: Path = WEIGHTS) -> dict:
    """The contents of `model.json`: name, version, chip, age_range, checksums.

    Raises WeightsError when it is missing, or when the weights were trained on chips of another
    kind: unnoticed, that would cost years of accuracy.
    """
    try:
        facts = json.loads((folder / "model.json").read_text())
    except (OSError, ValueError) as error:
        raise WeightsError(f"no readable model.json in {folder}: {error}") from error
    if facts["chip"] != chip.FACTS:
        raise WeightsError(f"weights for chips {facts['chip']}, but this code cuts {chip.FACTS}")
    return facts


def open_engine(name: str = "onnx", folder: Path = WEIGHTS) -> Engine:
    """The engine `onnx` (for serving) or `keras` (the reference), after checking its weights' hash.

    Raises WeightsError when the file is missing or its checksum is not the one in `model.json`.
    """
    path = folder / FILES[name]
    verify(path, metadata(folder)["sha256"][path.name], "model.json")
    if name == "keras":
        from model.engine_keras import KerasEngine  # imports TensorFlow

        return KerasEngine(path)
    from model.engine_onnx import OnnxEngine

    return OnnxEngine(path)
