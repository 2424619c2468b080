"""PyPI deepface: Haar cascades and two VGG-Face networks, with random weights: for speed only.

Its fastest settings on one core: the default detector, ONNX Runtime, one thread.
"""

import functools

import numpy as np
import onnxruntime

from bench.peers.serve import searched, serve


def main() -> None:
    # deepface does not set the number of threads, and the runtime would pin some to other cores
    onnxruntime.SessionOptions = functools.partial(_one_thread, onnxruntime.SessionOptions)
    from deepface import DeepFace

    def estimate(data: bytes) -> list[dict]:
        blue_first = np.asarray(searched(data))[:, :, ::-1]
        answers = DeepFace.analyze(
            blue_first, actions=("age", "gender"), enforce_detection=False, silent=True
        )
        return [_face(answer) for answer in answers]

    serve(estimate)


def _face(answer: dict) -> dict:
    area = answer["region"]["w"] * answer["region"]["h"]
    female = answer["dominant_gender"] == "Woman"
    return {"area": area, "age": float(answer["age"]), "female": female}


def _one_thread(make: type) -> onnxruntime.SessionOptions:
    options = make()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return options


if __name__ == "__main__":
    main()
