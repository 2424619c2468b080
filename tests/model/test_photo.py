import io
import struct
import subprocess
import sys
import time
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from model import photo
from model.photo import PhotoError, decode
from tests.conftest import encode
from tests.hostile.sources import bmp_rle

ORIENTATIONS = {  # EXIF value -> what the camera did, undone by the viewer
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}


def with_orientation(pixels, value, format="PNG"):
    exif = Image.Exif()
    exif[0x0112] = value
    stored = np.ascontiguousarray(ORIENTATIONS[value](pixels))
    return encode(stored, format, exif=exif)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
def test_every_format_decodes_to_what_was_drawn(astronaut, format):
    options = {"lossless": True} if format == "WEBP" else {}
    found = decode(encode(astronaut, format, **options))
    assert (found.width, found.height, found.scale) == (512, 512, 1.0)
    assert found.pixels.dtype == np.uint8
    tolerance = {"GIF": 12, "JPEG": 3}.get(format, 0)
    assert np.abs(found.pixels.astype(int) - astronaut).mean() <= tolerance


@pytest.mark.parametrize("value", ORIENTATIONS)
def test_every_exif_orientation_comes_out_upright(astronaut, value):
    pixels = astronaut[:400]
    found = decode(with_orientation(pixels, value))
    assert (found.width, found.height) == (512, 400)
    assert np.array_equal(found.pixels, pixels)


def test_a_large_jpeg_is_decoded_at_reduced_scale(astronaut):
    large = Image.fromarray(astronaut).resize((4000, 3000))
    found = decode(encode(large))
    assert (found.width, found.height) == (4000, 3000)
    assert found.pixels.shape == (750, 1000, 3)
    assert found.scale == 4


def test_a_large_phone_photo_with_a_second_picture_inside_is_decoded_at_reduced_scale(astronaut):
    large = Image.fromarray(astronaut).resize((2048, 2048))
    found = decode(encode(large, "MPO", save_all=True, append_images=[large.resize((64, 64))]))
    assert (found.width, found.height) == (2048, 2048)
    assert found.pixels.shape == (1024, 1024, 3)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_does_not_make_a_broken_photo(astronaut, format):
    found = decode(encode(astronaut, format, exif=b"Exif\0\0" + b"\xff" * 50))
    assert found.width == 512


def test_a_large_png_is_scaled_down(astronaut):
    found = decode(encode(Image.fromarray(astronaut).resize((4000, 2000)), "PNG"))
    assert (found.width, found.height) == (4000, 2000)
    assert max(found.pixels.shape) == 2 * photo.WORKING_SIDE


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "1", "LA", "RGBA"])
def test_every_colour_mode_becomes_rgb(astronaut, mode):
    format = "JPEG" if mode == "CMYK" else "PNG"
    found = decode(encode(Image.fromarray(astronaut).convert(mode), format))
    grey = np.asarray(Image.fromarray(astronaut).convert("L"), int)
    assert found.pixels.shape == (512, 512, 3)
    assert abs(found.pixels.mean() - grey.mean()) < 3


def test_sixteen_bits_are_scaled_not_clipped(astronaut):
    grey = np.asarray(Image.fromarray(astronaut).convert("L"))
    found = decode(encode(Image.fromarray(grey.astype(np.uint16) * 257), "PNG"))
    assert np.array_equal(found.pixels[..., 0], grey)


def test_transparent_becomes_white():
    found = decode(encode(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG"))
    assert (found.pixels == 255).all()


def test_the_first_frame_of_an_animation_counts():
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode(data).pixels[0, 0].tolist() == [255, 0, 0]


def png(width, height, data=b""):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"hello, I am a text", "unsupported_type"),
        (b"%PDF-1.7 ...", "unsupported_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_type"),
        (b"\xff\xd8\xff", "bad_image"),
        (b"x" * (photo.MAX_BYTES + 1), "too_large"),
        (png(40_000, 40_000), "too_many_pixels"),
        (png(0, 0), "bad_image"),
        (png(16, 16, b"\0" * 100), "bad_image"),
    ],
    ids=["empty", "text", "pdf", "svg", "three bytes", "large", "bomb", "0x0", "short data"],
)
def test_what_cannot_be_used_is_refused_with_its_code(data, code):
    with pytest.raises(PhotoError) as refusal:
        decode(data)
    assert refusal.value.code == code
    assert str(refusal.value)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_a_file_cut_off_half_way_is_refused(astronaut, format):
    data = encode(astronaut, format)
    with pytest.raises(PhotoError, match="broken or cut off"):
        decode(data[: len(data) // 2])


def test_formats_off_the_allow_list_are_refused(astronaut):
    buffer = io.BytesIO()
    Image.fromarray(astronaut).save(buffer, "TIFF")
    with pytest.raises(PhotoError) as refusal:
        decode(buffer.getvalue())
    assert refusal.value.code == "unsupported_type"


def test_a_line_of_pixels_is_a_photo_too():
    for size in ((65_500, 1), (1, 65_500)):
        found = decode(encode(Image.new("RGB", size)))
        assert (found.width, found.height) == size
        assert 1 in found.pixels.shape[:2]


def segment(kind, body):
    return b"\xff" + bytes([kind]) + struct.pack(">H", len(body) + 2) + body


def scans(data, count):
    """Its last scan again and again, until there are `count`."""
    last = data[data.rfind(b"\xff\xc4", 0, data.rfind(b"\xff\xda")) : -2]
    return data[:-2] + last * (count - data.count(b"\xff\xda")) + data[-2:]


def test_an_endless_photo_is_refused_before_it_is_read(astronaut):
    plain, progressive = encode(astronaut), encode(astronaut // 255, progressive=True)
    notes = segment(0xE1, b"Exif\0\0" + bytes(17)) * 300_000
    began = time.process_time()
    filling = b"\xff" * 9_000_000
    endless = [plain[:2] + extra + plain[2:] for extra in (notes, filling)]
    chunks = png(8, 8, bytes(200))[:-12] + (bytes(4) + b"teSt" + bytes(4)) * 800_000
    for data in (*endless, scans(progressive, 5000), chunks):
        with pytest.raises(PhotoError, match="more parts than any camera"):
            decode(data)
    assert time.process_time() - began < 1


def test_a_bmp_in_run_lengths_is_refused():
    with pytest.raises(PhotoError, match="without compression") as refusal:
        decode(bmp_rle(7000, 7000, b"\1\0" * 1000))
    assert refusal.value.code == "unsupported_type"


def test_as_many_segments_and_scans_as_cameras_write_are_fine(astronaut):
    plain, progressive = encode(astronaut), encode(astronaut, progressive=True)
    depth_map = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(60_000)) * 150
    film = b"\xff\xda\0\4" * 10_000  # behind the photo, as motion photos have it
    for data in (
        plain[:2] + depth_map + b"\xff" * 99 + plain[2:],
        scans(progressive, 20),
        plain + film,
    ):
        assert decode(data).width == 512


def peak(data):
    """MB that a process of its own has held at most, which only decoded this."""
    code = "import sys; from model.photo import decode; decode(sys.stdin.buffer.read())\n"
    # getrusage would tell the peak of the process that forked this one, if that was higher
    code += "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    return int(done.stdout) // 1000


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_a_png_of_the_largest_size_needs_little_more_than_itself(mode):
    options = {"transparency": bytes(9)} if mode == "P" else {}
    largest = encode(Image.new(mode, (7100, 7000)), "PNG", compress_level=1, **options)
    assert peak(largest) < 400  # the pixels are 200


def test_nor_do_other_formats_need_more():
    webp = Image.new("RGBA", (5000, 4000), (1, 2, 3, 4))
    assert peak(encode(webp, "WEBP", lossless=True, method=0)) < 400
    print_shop = Image.new("CMYK", (8000, 5000))
    assert peak(encode(print_shop, progressive=True)) < 400


@pytest.mark.parametrize(
    ("format", "mode", "size"),
    [
        ("WEBP", "RGB", (5000, 4001)),
        ("JPEG", "CMYK", (8000, 5001)),
        ("PNG", "1", (65_536, 1)),
        ("PNG", "1", (1, 65_536)),
    ],
)
def test_what_would_need_more_has_too_many_pixels(format, mode, size):
    with pytest.raises(PhotoError) as refusal:
        decode(encode(Image.new(mode, size), format))
    assert refusal.value.code == "too_many_pixels"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "I;16"])
def test_a_large_photo_is_scaled_down_piece_by_piece_as_if_at_once(astronaut, mode):
    """Seven pieces and a bit across, one and a bit down."""
    drawn = Image.fromarray(astronaut).resize((7681, 1031))
    if mode == "I;16":
        drawn = drawn.convert("L")
        sent = Image.fromarray(np.asarray(drawn).astype(np.uint16) * 257)
    else:
        drawn = sent = drawn.convert(mode)
    found = decode(encode(sent, "PNG", compress_level=1))
    wanted = drawn.convert("RGB").reduce(2)
    wanted.thumbnail((2 * photo.WORKING_SIDE, 2 * photo.WORKING_SIDE), Image.Resampling.BOX)
    assert (found.width, found.height) == (7681, 1031)
    assert np.array_equal(found.pixels, np.asarray(wanted))


def test_what_a_decoder_complains_about_is_not_logged(astronaut):
    tags = b"".join(struct.pack("<HHII", tag, 1, 9_000_000, 8) for tag in range(1, 100))
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 99) + tags
    with warnings.catch_warnings(record=True, action="always") as complaints:
        decode(encode(astronaut, exif=exif))
    assert complaints == []
