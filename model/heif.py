"""HEIC, the photos of iPhones: libheif decodes it. AVIF is told apart; Pillow reads it."""

import numpy as np
import pillow_heif
from PIL import Image

# without what is not looked at, and without threads: each worker has one core
pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = False
pillow_heif.options.AUX_IMAGES = False
pillow_heif.options.DECODE_THREADS = 0

CODECS = dict.fromkeys((b"avif", b"avis"), "AVIF")
CODECS |= dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "HEIC")
ANY_CODEC = {b"mif1", b"msf1"}
PIXEL_BYTES = {"L": 1, "I;16": 2, "LA": 2, "La": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}
MAX_BRANDS = 400  # bytes
DEEP = "10-bit, 4:2:2, 4:4:4 or transparent HEIC"  # takes three times a phone's memory


def kind(data: bytes) -> str | None:
    """HEIC or AVIF, None for any other file. Videos begin alike, but with other brands."""
    if data[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(data[:4]), MAX_BRANDS)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, end, 4))]
    codecs = [CODECS[brand] for brand in brands if brand in CODECS]
    return codecs[0] if codecs and brands[0] in CODECS.keys() | ANY_CODEC else None


class Picture:
    """The primary picture of an HEIC, in the direction that the file says."""

    def __init__(self, data: bytes):
        """Read the size; the pixels are decoded by the first `crop`."""
        file = pillow_heif.open_heif(data, convert_hdr_to_8bit=True, remove_stride=False)
        self._image = image = file[file.primary_index]
        self.size = image.size
        plain = image.info["bit_depth"] == 8 and image.info.get("chroma") in (400, 420)
        self.kind = "HEIC" if plain and image.mode in ("L", "RGB") else DEEP

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image:
        left, top, right, bottom = box
        image, size = self._image, PIXEL_BYTES[self._image.mode]
        # each row may be followed by some bytes that mean nothing
        rows = np.frombuffer(image.data, np.uint8).reshape(self.size[1], image.stride)
        piece = rows[top:bottom, left * size : right * size]
        return Image.frombytes(image.mode, (right - left, bottom - top), piece.tobytes())
