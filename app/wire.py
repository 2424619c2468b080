"""Faces as the wire contracts spell them."""

from model.estimator import Face
from model.photo import Photo


def upload_answer(faces: list[Face]) -> dict:
    """`POST /upload`. Deployed clients cut the text at fixed colons and quotes, so `age` and
    `gender` come first and nothing may come before them."""
    largest, *_ = described = [_brief(face) for face in faces]
    return {**{name: largest[name] for name in largest if name != "box"}, "faces": described}


def _brief(face: Face) -> dict:
    return {
        "age": round(face.age),
        "gender": face.gender,
        "age_range": list(face.age_range),
        "gender_confidence": round(face.gender_confidence, 3),
        "box": _box(face),
    }


def faces_answer(
    photo: Photo, faces: list[Face], facts: dict, request_id: str, distribution: bool = False
) -> dict:
    """`POST /v1/faces`; with `distribution` each face tells every age's probability too."""
    described = [_full(face) | (_ages(face) if distribution else {}) for face in faces]
    return {
        "faces": described,
        "image": {"width": photo.width, "height": photo.height},
        "model": {
            "name": facts["name"],
            "version": facts["version"],
            "age_range_coverage": facts["age_range"]["coverage"],
        },
        "request_id": request_id,
    }


def _full(face: Face) -> dict:
    return {
        "box": _box(face),
        "landmarks": [[round(float(x), 1), round(float(y), 1)] for x, y in face.landmarks],
        "age": round(face.age, 1),
        "age_range": list(face.age_range),
        "gender": face.gender,
        "gender_confidence": round(face.gender_confidence, 3),
        "quality": {
            "detection": round(face.score, 3),
            "size": round(face.quality.size),
            "notes": face.quality.notes(),
        },
    }


def _ages(face: Face) -> dict:
    return {"age_distribution": [round(float(share), 4) for share in face.ages]}


def _box(face: Face) -> dict:
    return {
        name: round(value)
        for name, value in zip(("left", "top", "width", "height"), face.box, strict=True)
    }
