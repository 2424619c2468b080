"""The JSON objects of the wire contracts."""

from dataclasses import asdict

from model.estimator import Face
from model.photo import Photo


def upload_answer(faces: list[Face], not_judged: int) -> dict:
    """`POST /upload`: the largest face, then all. Deployed clients cut the text at fixed colons and
    quotes, so `age` and `gender` must come first. `not_judged`: see model.budget."""
    largest = faces[0]
    return {
        "age": round(largest.age),
        "gender": largest.gender,
        "age_range": list(largest.age_range),
        "gender_confidence": round(largest.gender_confidence, 3),
        "faces": [_upload_face(face) for face in faces],
        "notes": largest.notes(),
        "faces_not_judged": not_judged,
    }


def _upload_face(face: Face) -> dict:
    return {
        "age": round(face.age),
        "gender": face.gender,
        "age_range": list(face.age_range),
        "gender_confidence": round(face.gender_confidence, 3),
        "box": box(face),
        "notes": face.notes(),
    }


def faces_answer(
    photo: Photo,
    faces: list[Face],
    not_judged: int,
    facts: dict,
    request_id: str,
    distribution: bool = False,
) -> dict:
    """`POST /v1/faces`; with `distribution`, each face also has the probability of every age.
    `not_judged`: see model.budget."""
    return {
        **photo_result(photo, faces, not_judged, distribution),
        "model": model(facts),
        "request_id": request_id,
    }


def photo_result(
    photo: Photo, faces: list[Face], not_judged: int, distribution: bool = False
) -> dict:
    """What both routes of `/v1` say of one photo."""
    return {
        "faces": [_face(face) | (_ages(face) if distribution else {}) for face in faces],
        "faces_not_judged": not_judged,
        "image": {"width": photo.width, "height": photo.height},
    }


def model(facts: dict) -> dict:
    """`weights` tells two hosts apart while one of them still runs the version before."""
    return {
        "name": facts["name"],
        "version": facts["version"],
        "weights": facts["weights"],
        "age_range_coverage": facts["age_range"]["coverage"],
    }


def _face(face: Face) -> dict:
    return {
        "box": box(face),
        "landmarks": [[round(float(x), 1), round(float(y), 1)] for x, y in face.landmarks],
        "roll": round(face.roll),  # as in `pose`, which came later
        "pose": {name: round(degrees) for name, degrees in asdict(face.pose).items()},
        "age": round(face.age, 1),
        "age_range": list(face.age_range),
        "gender": face.gender,
        "gender_confidence": round(face.gender_confidence, 3),
        "quality": {
            "detection": round(face.quality.detection, 3),
            "size": round(face.quality.size),
            "notes": face.notes(),
        },
    }


def _ages(face: Face) -> dict:
    return {"age_distribution": [round(float(probability), 4) for probability in face.ages]}


def box(face: Face) -> dict:
    """`face.box` in whole pixels, by name."""
    return {
        name: round(value)
        for name, value in zip(("left", "top", "width", "height"), face.box, strict=True)
    }
