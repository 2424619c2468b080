"""Other kinds of file under image names, and files that are two kinds at once."""

import gzip
import io
import tarfile
import zipfile

from PIL import Image

from deploy.testing.photos import encode
from tests.hostile.sources import sources

OK, BAD, FOREIGN = "ok", "bad_image", "unsupported_type"


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("photo.jpg"), sources()["jpeg"])
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("photo.jpg"))
    return buffer.getvalue()


def pillow_formats() -> dict[str, bytes]:
    """Formats that Pillow could read but that our allow-list refuses."""
    image = Image.new("RGB", (16, 16), "teal")
    names = ("ICO", "PPM", "TGA", "PCX", "SGI", "EPS", "PDF", "DDS", "ICNS", "QOI")
    undated = {"creationDate": None, "modDate": None}  # PDF's, for equal bytes each time
    found = {name: encode(image, name, **undated) for name in (*names, "JPEG2000")}
    return {**found, "XBM": encode(image.convert("1"), "XBM")}


def foreign() -> dict[str, bytes]:
    """Name -> a file that is refused as `unsupported_type`."""
    script = "<script>fetch('http://169.254.169.254/')</script>"
    return {
        **pillow_formats(),
        "svg": f"<svg xmlns='http://www.w3.org/2000/svg'>{script}</svg>".encode(),
        "svg entities": b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><svg>&b;</svg>",
        "html": f"<html>{script}</html>".encode(),
        "imagetragick": b"push graphic-context\nfill 'url(https://a\"|id\")'\npop graphic-context",
        "tiff of numbers": encode(Image.new("F", (16, 16)), "TIFF"),
        "tiff in zstandard": encode(Image.new("RGB", (16, 16)), "TIFF", compression="zstd"),
        "dng": encode(Image.new("RGB", (16, 16)), "TIFF", tiffinfo={254: 1, 50706: b"\1\4\0\0"}),
        "jpeg xl": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(500),
        "mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(500),
        "pdf": b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n%%EOF",
        "zip": zipped(),
        "tar": tarred(),
        "gzip": gzip.compress(sources()["jpeg"], mtime=0),
        "elf": b"\x7fELF\2\1\1" + bytes(500),
        "exe": b"MZ\x90\0" + bytes(500),
        "psd": b"8BPS\0\1" + bytes(500),
        "riff, but sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(500),
        "cr3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(500),
        "shell": b"#!/bin/sh\nrm -rf /\n",
        "php": b"<?php system($_GET['c']); ?>",
        "json": b'{"file":"data:image/png;base64,iVBORw0KGgo="}',
        "base64": b"data:image/jpeg;base64,/9j/4AAQSkZJRg==",
        "zeros": bytes(1000),
        "spaces": b" " * 1000,
        "bom": b"\xef\xbb\xbf" + sources()["jpeg"],
        "line before": b"\r\n" + sources()["png"],
    }


def polyglots() -> dict[str, bytes]:
    """Name -> a photo that is also another kind of file; it is answered as a photo."""
    tail = {"zip": zipped(), "php": b"<?php ?>", "html": b"<script>alert(1)</script>"}
    tail |= {"pdf": b"%PDF-1.7\n%%EOF", "elf": b"\x7fELF" + bytes(99), "jpeg": sources()["jpeg"]}
    names = ("jpeg", "png", "webp", "gif", "bmp", "heic", "avif", "tiff")
    return {f"{name} + {what}": sources()[name] + tail[what] for name in names for what in tail}


def impostors() -> dict[str, bytes]:
    """Name -> the first bytes of one kind and the rest of another."""
    heads = {"jpeg": 3, "png": 8, "webp": 12, "gif": 6, "heic": 24, "avif": 24, "tiff": 4}
    bodies = {**{name: sources()[name] for name in (*heads, "bmp")}, "zip": zipped()}
    return {
        f"{head} head, {body} body": sources()[head][:size] + bodies[body]
        for head, size in heads.items()
        for body in bodies
    }
