"""Untrusted bytes -> an upright RGB array, or a refusal with a stable code.

Pillow decodes, with the formats on the allow-list only; most JPEGs are left to model/jpeg.py.
libjpeg decodes a large one at 1/2, 1/4 or 1/8 scale, which halves the cost of 12 megapixels.
"""

import io
import logging
import warnings
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from PIL import AvifImagePlugin, Image, PngImagePlugin, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from model import boxes, containers, heif, jpeg, memory, tiff
from model.scaling import most, scaled, working_side
from model.timing import stage

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")  # of Pillow; HEIC is read by heif
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
# Lower limits for decoders that hold several copies, 8 to 17 bytes per pixel (others: at most 7),
# and a limit for each side: so no photo takes more than 360 MB.
MAX_PIXELS_OF: dict[str | None, int] = {
    "WEBP": 20_000_000,
    "AVIF": 25_000_000,
    heif.DEEP: 20_000_000,
    "TIFF": 20_000_000,
    "CMYK": 40_000_000,
}
MAX_SIDE = 65_535  # pixels, the most that a JPEG can have
MEGABYTES = 450  # that a decoder may take when a file does not keep what its header promises
# First bytes -> the parts of such a file, and the most it may have: a few megabytes of empty parts
# would keep a decoder busy for minutes. JPEGs with depth maps have 160, PNGs a few thousand.
JPEG, PNG = b"\xff\xd8", b"\x89PNG"
CONTAINERS = {JPEG: (containers.jpeg_segments, 1000), PNG: (containers.png_chunks, 20_000)}
MAX_SCANS = 40  # of a progressive JPEG, usually a dozen; each covers the whole photo
MAX_WORK = 4 * MAX_PIXELS  # of all pictures that one HEIC or AVIF is made of
JPEG_ENDS = (b"\xff\xd9", b"\0" + b"\x5a\xa5" * 64 + b"\xff\xd9")
BROKEN = "The image is broken or cut off."
TOO_MANY_PARTS = "The image has more parts than any camera writes."
UNSUPPORTED = "This is not a JPEG, PNG, HEIC, AVIF, WebP, TIFF, BMP or GIF image."

# EXIF orientation -> the transformation that makes the photo upright
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = [TURNS[value] for value in (5, 6, 7, 8)]

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each worker has one core
logging.getLogger("PIL").setLevel(logging.CRITICAL)  # it reports what is wrong with a TIFF
Image.init()  # now: in a sandbox it could not load its plugins
# _refuse_too_many_pixels checks the size before any pixel is decoded
Image.MAX_IMAGE_PIXELS = None
PngImagePlugin.MAX_TEXT_CHUNK = MAX_BYTES  # bytes, decompressed; at most two texts are read


class PhotoError(ValueError):
    """A photo that cannot be used; `code` is one of the wire contract's error codes."""

    def __init__(self, code: str, detail: str):
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True)
class Photo:
    """`pixels`: (h, w, 3) uint8 RGB, upright, possibly scaled down; `width` and `height`: of the
    upright photo as sent, in pixels."""

    pixels: np.ndarray
    width: int
    height: int

    @property
    def scale(self) -> float:
        """Pixels as sent per pixel of the array, at least 1.0."""
        return self.width / self.pixels.shape[1]


def decode(data: bytes) -> Photo:
    """Decode JPEG, PNG, HEIC, AVIF, WebP, plain BMP, or the first picture of a GIF or TIFF; as
    upright as its metadata says.

    Raises PhotoError: `empty_file`, `too_large` (10 MB), `unsupported_type`,
    `too_many_pixels` (50 megapixels; see MAX_PIXELS_OF), `bad_image` (broken or cut off).
    """
    refuse_by_size(data)
    with stage("decode"), memory.at_most(MEGABYTES):
        return decode_unlimited(data)


def refuse_by_size(data: bytes) -> None:
    """Raises PhotoError: `empty_file`, `too_large`."""
    if not data:
        raise PhotoError("empty_file", "The file is empty.")
    if len(data) > MAX_BYTES:
        raise PhotoError("too_large", f"The photo is larger than {MAX_BYTES // 2**20} MB.")


def decode_unlimited(data: bytes) -> Photo:
    """As `decode`, but the caller limits the size of `data` and the memory."""
    parts = _parts(data)
    try:
        # decoders' warnings stay out of the log: a single photo could fill it
        with warnings.catch_warnings(action="ignore"):
            return _mended(data, parts)
    except PhotoError:
        raise
    except Exception as error:  # decoders raise anything for invalid bytes
        if isinstance(error, UnidentifiedImageError) and not _begins_like_an_image(data):
            raise PhotoError("unsupported_type", UNSUPPORTED) from None
        raise PhotoError("bad_image", BROKEN) from error


def _parts(data: bytes) -> list[tuple[Any, int]]:
    """(kind, offset) of each part of a JPEG or PNG. Raises PhotoError when there are too many."""
    for magic, (walk, limit) in CONTAINERS.items():
        if data.startswith(magic):
            parts = list(islice(walk(data), limit + 1))
            scans = sum(kind == containers.SOS for kind, _ in parts)
            if len(parts) > limit or scans > MAX_SCANS:
                raise PhotoError("bad_image", TOO_MANY_PARTS)
            # without a scan, Pillow would read the whole file byte by byte
            if not scans and data.startswith(JPEG + b"\xff"):
                raise PhotoError("bad_image", BROKEN)
            return parts
    return []


def _mended(data: bytes, parts: list[tuple[Any, int]]) -> Photo:
    """The photo, even if the file is damaged where it does not matter: in a PNG's metadata, or at
    the end of a JPEG."""
    if data.startswith(PNG):
        return _decoded(containers.png_picture(data, parts))
    scans = containers.jpeg_without_end(data, parts) if data.startswith(JPEG) else None
    if not scans:
        return _decoded(data)
    # libjpeg does not say whether it made up missing rows. If it did, they depend on what follows.
    photo, other = (_decoded(scans + end) for end in JPEG_ENDS)
    if not np.array_equal(photo.pixels, other.pixels):
        raise PhotoError("bad_image", BROKEN)
    return photo


def _decoded(data: bytes) -> Photo:
    kind = heif.kind(data)
    if kind:
        _refuse_too_much_work(boxes.work(data))
    if kind == "HEIC":
        picture = heif.Picture(data)
        _refuse_too_many_pixels(*picture.size, picture.kind)
        return Photo(np.asarray(scaled(picture)), *picture.size)
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        return _read(image, data)


def _refuse_too_much_work(work: boxes.Work) -> None:
    if work.picture > MAX_PIXELS:
        raise PhotoError("too_many_pixels", f"More than {MAX_PIXELS // 10**6} megapixels.")
    if work.total > MAX_WORK:
        raise PhotoError("bad_image", TOO_MANY_PARTS)


def _begins_like_an_image(data: bytes) -> bool:
    """Whether a decoder accepts these bytes; Pillow raises the same error when one fails later."""
    accepts = (Image.OPEN[name][1] for name in FORMATS)
    return any(accept and accept(data[:16]) for accept in accepts)


def _read(image: Image.Image, data: bytes) -> Photo:
    _refuse_too_many_pixels(*image.size, image.format, image.mode)
    if isinstance(image, TiffImageFile):
        return _read_tiff(image)
    # run-length encoding: Pillow's decoder is written in Python and takes seconds
    if image.format == "BMP" and image.info["compression"] in (1, 2):
        raise PhotoError("unsupported_type", "BMP is read without compression only.")
    if (image.format, image.mode) == ("BMP", "RGBA") and image.getchannel("A").getbbox() is None:
        image = image.convert("RGB")  # all transparent: its writer left the fourth byte unused
    width, height = image.size
    turn = TURNS.get(_orientation(image))
    scale = min(1, working_side(width, height) / max(width, height))
    # has an effect on JPEG only
    image.draft(None, (max(1, round(width * scale)), max(1, round(height * scale))))
    if turn is None and max(image.size) <= most(*image.size):
        pixels = jpeg.decoded(data, image)
        if pixels is not None:
            return Photo(pixels, width, height)
    upright = scaled(image) if turn is None else scaled(image).transpose(turn)
    if turn in SIDEWAYS:
        width, height = height, width
    return Photo(np.asarray(upright), width, height)


def _refuse_too_many_pixels(width: int, height: int, *kinds: str | None) -> None:
    """`kinds`: format and mode, which may have lower limits."""
    size = f"{width}x{height}"
    for kind in ("all", *kinds):
        if width * height > (limit := MAX_PIXELS_OF.get(kind, MAX_PIXELS)):
            words = f"{limit // 10**6} megapixels, the limit for {kind} photos"
            raise PhotoError("too_many_pixels", f"{size} is more than {words}.")
    if max(width, height) > MAX_SIDE:
        raise PhotoError("too_many_pixels", f"{size} has a side of more than {MAX_SIDE} pixels.")


def _read_tiff(image: TiffImageFile) -> Photo:
    if tiff.is_raw(image):
        raise PhotoError("unsupported_type", "Raw files of cameras are not read.")
    if not tiff.is_usual(image):
        raise PhotoError("unsupported_type", "TIFF is read with the usual compressions only.")
    with tiff.silent():
        image.load()  # and turns it
    return Photo(np.asarray(scaled(image)), *image.size)


def _orientation(image: Image.Image) -> int:
    if image.format == "AVIF":
        image.info.pop("xmp", None)  # Pillow has put what counts into EXIF
    try:
        return image.getexif().get(0x0112, 1)
    except Exception:  # a photo with broken metadata is still a photo
        return 1
