"""Pictures of formats that are read and that are not, against other files."""

import io

import numpy as np
import pytest
from PIL import Image

from app.pictures import HEAD, is_picture

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_is_known_by_its_content_whatever_its_name(form):
    file = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(file, form)
    assert is_picture("photo", file.getvalue()[:HEAD])


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", "a", True),
        (b"II*\0\x10\0\0\0CR\2\0", "a", True),  # camera raw
        (b"\xff\x0a\xfa\x7f", "a", True),  # JPEG XL
        (b"8BPS\0\1", "a", True),
        (b"", "a", True),  # its row says that it is empty
        (b"<html>", "a.JPG", True),  # its row says that it is no photo
        (b"<svg>", "a.svg", True),
        (b"<html>", "a.html", False),
        (b"\0\0\0\x20ftypisom", "a.mp4", False),
        (b"\0\0\0\x14ftypqt  ", "IMG_1.MOV", False),
        (b"%PDF-1.7", "scan", False),
        (b"RIFF\0\0\0\0WAVE", "a.wav", False),
        (b"\0\0\0\0", "zeros", False),
    ],
)
def test_other_formats_are_pictures_and_other_files_are_not(head, name, expected):
    assert is_picture(name, head) == expected
