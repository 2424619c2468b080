"""The exported graph in ONNX Runtime, for serving."""

from pathlib import Path

import numpy as np

from model import probabilities
from model.session import open_session


class OnnxEngine:
    """With one thread it survives a fork: the master loads it and the workers share it."""

    def __init__(self, path: Path):
        self._session = open_session(path)

    def run(self, chips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `model.engine.Engine.run`."""
        logits = self._session.run(["age", "gender"], {"chips": chips})
        return probabilities.from_logits(*logits)
