"""PyPI deepface: Haar cascades and two VGG-Face networks, with random weights: for speed only.

Its fastest settings on one core: the default detector, ONNX Runtime, one thread.
"""

import functools

import numpy as np
import onnxruntime

from bench.peers.serve import searched, serve


def main() -> None:
    # deepface leaves the number of threads to the runtime, which would pin some to other cores
    onnxruntime.SessionOptions = functools.partial(_one_thread, onnxruntime.SessionOptions)
    from deepface import DeepFace

    def estimate(data: bytes) -> list[dict]:
        blue_first = np.asarray(searched(data))[:, :, ::-1]
        answers = DeepFace.analyze(
            blue_first, actions=("age", "gender"), enforce_detection=False, silent=True
        )
        return [
            {
                "area": answer["region"]["w"] * answer["region"]["h"],
                "age": float(answer["age"]),
                "female": answer["dominant_gender"] == "Woman",
            }
            for answer in answers
        ]

    serve(estimate)


def _one_thread(options: type) -> onnxruntime.SessionOptions:
    made = options()
    made.intra_op_num_threads = made.inter_op_num_threads = 1
    return made


if __name__ == "__main__":
    main()
