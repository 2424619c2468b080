"""The exported graph in ONNX Runtime: what serves."""

from pathlib import Path

import numpy as np
import onnxruntime

from model.engine import probabilities


class OnnxEngine:
    """One thread, so that it survives a fork: the master loads it, the workers share it."""

    def __init__(self, path: Path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )

    def run(self, chips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `model.engine.Engine.run`."""
        return probabilities(*self._session.run(["age", "gender"], {"chips": chips}))
