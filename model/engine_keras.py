"""The Keras model: the reference that the exported graph must agree with.

Needs requirements/training.txt. TensorFlow that was loaded before a fork deadlocks in the child, so
under uWSGI this engine needs `lazy-apps`.
"""

from pathlib import Path

import numpy as np
from keras import ops

from model import network, probabilities


class KerasEngine:
    def __init__(self, path: Path):
        self._network = network.build()
        network.load_arrays(self._network, path)

    def run(self, chips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `model.engine.Engine.run`."""
        logits = self._network(chips, training=False)
        return probabilities.from_logits(
            *(ops.convert_to_numpy(logits[name]) for name in network.HEADS)
        )
