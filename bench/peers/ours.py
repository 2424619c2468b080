"""What the service runs for a photo, without HTTP: the shipped int8 network."""

from bench.peers.serve import serve
from model import photo
from model.estimator import Estimator


def main() -> None:
    estimator = Estimator()
    serve(
        lambda data: [
            {"area": face.box[2] * face.box[3], "age": face.age, "female": face.female >= 0.5}
            for face in estimator.estimate(photo.decode(data))
        ]
    )


if __name__ == "__main__":
    main()
