"""Yanling without HTTP: the Estimator of the service, with the shipped int8 network."""

from bench.peers.serve import serve
from model import photo
from model.estimator import Estimator, Face
from model.probabilities import is_female


def main() -> None:
    estimator = Estimator()
    serve(lambda data: [_face(face) for face in estimator.estimate(photo.decode(data))])


def _face(face: Face) -> dict:
    area = face.box[2] * face.box[3]
    return {"area": area, "age": face.age, "female": bool(is_female(face.female))}


if __name__ == "__main__":
    main()
