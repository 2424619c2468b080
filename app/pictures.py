"""Tells a picture or a video, even one that cannot be decoded, from any other file."""

import mimetypes
import re
from pathlib import PurePath

from model import photo

HEAD = 32  # bytes that tell
# formats that `model.photo` may refuse: RLE bitmaps; TIFF and camera raw; HEIF, AVIF, Canon raw;
# JPEG XL and 2000; Photoshop
REFUSED = re.compile(
    rb"BM|II[*+]\0|MM\0[*+]|IIR[OS]|IIU\0|FUJIFILM"
    rb"|....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1|avi[fs]|crx )"
    rb"|\xff\x0a|\0\0\0\x0c(?:JXL |jP  )|8BP[SB]",
    re.DOTALL,
)
# MP4 and QuickTime; Matroska and WebM; AVI; MPEG; Windows Media; Flash
VIDEO = re.compile(
    rb"....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI |\0\0\x01[\xb3\xba]|\x30\x26\xb2\x75|FLV", re.DOTALL
)


def is_picture(name: str, head: bytes) -> bool:
    """Whether the first bytes are a picture's. A file whose name claims so counts too: its owner
    wants to know that it cannot be read."""
    return _claims(name, "image") or bool(REFUSED.match(head)) or _is_read(head)


def is_video(name: str, head: bytes) -> bool:
    """Whether the first bytes are a video's, or its name claims so and they are not a picture's."""
    if REFUSED.match(head) or (head and _is_read(head)):
        return False
    return _claims(name, "video") or bool(VIDEO.match(head))


def _claims(name: str, kind: str) -> bool:
    guess, _ = mimetypes.guess_type(f"x{PurePath(name).suffix}", strict=False)
    return (guess or "").startswith(f"{kind}/")


def _is_read(head: bytes) -> bool:
    try:
        photo.decode(head)
    except photo.PhotoError as error:
        return error.code != "unsupported_type"
    return True
