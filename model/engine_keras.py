"""The Keras model itself: the reference that the exported graph is held to.

Needs the `training` extra. A TensorFlow that was loaded before a fork deadlocks in the child,
so under uWSGI this engine wants `lazy-apps`.
"""

from pathlib import Path

import numpy as np
from keras import ops

from model import network
from model.engine import probabilities


class KerasEngine:
    def __init__(self, path: Path):
        self._network = network.build()
        network.load_arrays(self._network, path)

    def run(self, chips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `model.engine.Engine.run`."""
        logits = self._network(chips, training=False)
        return probabilities(*(ops.convert_to_numpy(logits[name]) for name in network.HEADS))
