"""What may happen when any bytes are decoded or posted. fuzz.py searches for bytes that break it.

A corpus is a zip of inputs that together run through as much code as the fuzzer has found.
"""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

from app import create_app
from app.problems import STATUS
from app.settings import Settings
from model.engine import WEIGHTS
from model.photo import MAX_PIXELS, Photo, PhotoError, decode
from model.scaling import most
from tests.hostile.broken_forms import broken_forms
from tests.hostile.sources import sources

CORPUS = Path(__file__).with_name("corpus")
CODES = {"empty_file", "unsupported_type", "too_many_pixels", "bad_image"}
SEED_BYTES = 16_000  # larger ones are slow and lead nowhere else


def photo(data: bytes) -> None:
    """Any bytes are a photo within the limits, or refused. Raises AssertionError."""
    found = result(data)
    if isinstance(found, PhotoError):
        assert found.code in CODES, found.code
        assert str(found)
        return
    height, width, channels = found.pixels.shape
    assert (found.pixels.dtype, channels) == (np.uint8, 3)
    assert 0 < found.width * found.height <= MAX_PIXELS
    assert 0 < max(height, width) <= most(found.width, found.height)
    assert found.scale >= 1


def result(data: bytes) -> Photo | PhotoError:
    try:
        return decode(data)
    except PhotoError as error:
        return error


def form(data: bytes) -> None:
    """Any body of any type gets an answer or a documented refusal, and no file stays open. The
    input's first line is the Content-Type. Raises AssertionError."""
    type_, _, body = data.partition(b"\n")
    environ = create_environ("/upload", method="POST", input_stream=io.BytesIO(body))
    environ |= {"CONTENT_TYPE": type_.decode("latin1"), "CONTENT_LENGTH": str(len(body))}
    app = service()
    before = open_files()
    answer, status, headers = run_wsgi_app(app, environ)
    text = b"".join(answer)
    assert open_files() == before
    if not status.startswith("200"):
        problem = json.loads(text)
        assert problem["code"] in STATUS
        assert problem["status"] < 500, problem
        assert headers["Content-Type"] == "application/problem+json"


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


class NoFaces:
    """Stands in for the estimator: what a photo shows is not what is tested here."""

    def estimate(self, _photo: object, _budget: object) -> list:
        return []


@cache
def service() -> Flask:
    spool = Path(tempfile.mkdtemp()) / "spool"  # in TMPDIR, which the caller removes
    app = create_app(Settings("onnx", WEIGHTS, spool))
    app.extensions["estimator"] = NoFaces()
    # in this process, where its coverage is seen
    app.extensions["decoder"] = SimpleNamespace(decode=decode)
    return app


TARGETS: dict[str, Callable[[bytes], None]] = {"photo": photo, "form": form}


def seeds(name: str) -> list[bytes]:
    """Where a search begins that has no corpus yet."""
    if name == "photo":
        return list(sources().values())
    requests = [request.partition(b"\r\n\r\n") for _, request, _ in broken_forms()]
    return [type_of(head) + b"\n" + body for head, _, body in requests if len(body) < SEED_BYTES]


def type_of(head: bytes) -> bytes:
    lines = head.split(b"\r\n")
    return next((line[13:].strip() for line in lines if line.lower()[:13] == b"content-type:"), b"")


def corpus(name: str) -> dict[str, bytes]:
    """File name -> input."""
    with zipfile.ZipFile(CORPUS / f"{name}.zip") as archive:
        return {file: archive.read(file) for file in sorted(archive.namelist())}


def pack(name: str, folder: Path) -> None:
    """Replace a corpus by the files of a folder; the same files make the same zip."""
    with zipfile.ZipFile(CORPUS / f"{name}.zip", "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes(), zipfile.ZIP_DEFLATED)


def replay(name: str) -> None:
    """Try every input of a corpus, each announced, so that the last line names one that crashes."""
    for file, data in corpus(name).items():
        print(file, flush=True)
        TARGETS[name](data)
