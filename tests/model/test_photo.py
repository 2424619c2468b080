import io
import os
import struct
import subprocess
import sys
import warnings

import numpy as np
import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from deploy.testing.photos import encode
from model import heif, jpeg, photo
from model.containers import SOS, jpeg_segments
from model.photo import PhotoError, decode
from model.scaling import SHORTER_SIDE, WORKING_SIDE
from tests.hostile.bombs import (
    avif_lying,
    heic_of_tiles,
    heif_listing,
    png,
    png_claiming,
    segment,
    tiff,
)
from tests.hostile.heif import claiming, grid, overlay
from tests.hostile.sources import bmp_alpha, bmp_rle, chunk, sources

ORIENTATIONS = {  # EXIF value -> how the camera stored the upright photo
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}


def difference(found, pixels):
    """Mean absolute difference, 0 to 255."""
    assert found.pixels.shape == pixels.shape
    return np.abs(found.pixels.astype(int) - pixels).mean()


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("JPEG", {}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("GIF", {}),
        ("HEIC", {}),
        ("HEIC", {"tile_size": 128}),
        ("HEIC", {"chroma": "444"}),
        ("AVIF", {"speed": 9}),
        *(
            ("TIFF", {"compression": name})
            for name in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg")
        ),
    ],
)
def test_every_format_decodes_to_what_was_drawn(astronaut, format, options):
    found = decode(encode(astronaut, format, **options))
    assert (found.width, found.height, found.scale) == (512, 512, 1.0)
    assert found.pixels.dtype == np.uint8
    exact = format in ("PNG", "WEBP", "BMP") or (
        format == "TIFF" and options != {"compression": "jpeg"}
    )
    assert difference(found, astronaut) <= (0 if exact else 12 if format == "GIF" else 4)


@pytest.mark.parametrize("value", ORIENTATIONS)
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIC", "AVIF", "TIFF"])
def test_every_orientation_comes_out_upright(astronaut, format, value):
    """HEIC and AVIF say it twice: in EXIF, and in properties of the picture."""
    pixels, exif = astronaut[:400], Image.Exif()
    exif[0x0112] = value
    stored = np.ascontiguousarray(ORIENTATIONS[value](pixels))
    options = {"tiffinfo": {0x0112: value}} if format == "TIFF" else {"exif": exif.tobytes()}
    options |= {"speed": 9} if format == "AVIF" else {}
    found = decode(encode(stored, format, **options))
    assert (found.width, found.height) == (512, 400)
    assert difference(found, pixels) < 4


def test_only_the_properties_turn_a_heic(astronaut):
    """ISO/IEC 23008-12 says that EXIF has no effect."""
    exif = Image.Exif()
    exif[0x0112] = 6
    note = {"type": "Exif", "content_type": "", "data": bytes(4) + exif.tobytes()}
    data = encode(astronaut[:400], "HEIC", metadata=[note])
    assert b"irot" not in data
    assert exif.tobytes() in data
    assert difference(decode(data), astronaut[:400]) < 4


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(65, 64), (101, 77), (513, 301), (4001, 500)])
def test_a_heic_of_any_size_and_mode(astronaut, mode, size):
    """libheif pads the rows."""
    image = Image.fromarray(astronaut).resize(size).convert(mode)
    found = decode(encode(image, "HEIC"))
    assert (found.width, found.height) == size
    image.thumbnail(found.pixels.shape[1::-1], Image.Resampling.BOX)
    assert difference(found, np.asarray(image.convert("RGB"))) < 8


def test_every_brand_of_heic_is_read(astronaut):
    data = encode(astronaut, "HEIC")
    for brand in (b"heic", b"heix", b"mif1"):
        assert difference(decode(data[:8] + brand + data[12:]), astronaut) < 4


def test_a_large_jpeg_is_decoded_at_reduced_scale(astronaut):
    large = Image.fromarray(astronaut).resize((4000, 3000))
    found = decode(encode(large))
    assert (found.width, found.height) == (4000, 3000)
    assert found.pixels.shape == (750, 1000, 3)
    assert found.scale == 4


@pytest.mark.parametrize("size", [(1152, 864), (4000, 3000), (2001, 1123), (333, 501)])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_a_jpeg_has_the_pixels_that_pillow_sees(astronaut, monkeypatch, size, options):
    data = encode(Image.fromarray(astronaut).resize(size), "JPEG", **options)
    found = decode(data)
    monkeypatch.setattr(photo.jpeg, "decoded", lambda *_: None)
    expected = decode(data)
    assert np.array_equal(found.pixels, expected.pixels)
    assert (found.width, found.height) == (expected.width, expected.height) == size


def test_where_a_jpeg_is_damaged_pillow_decides(astronaut):
    """Junk between two segments does no harm, and here libjpeg only warns of it."""
    data = encode(astronaut, "JPEG")
    (start, *_) = (offset for kind, offset in jpeg_segments(data) if kind == SOS)
    damaged = data[:start] + b"junk" + data[start:]
    with Image.open(io.BytesIO(damaged)) as image:
        assert jpeg.decoded(damaged, image) is None
    assert np.array_equal(decode(damaged).pixels, decode(data).pixels)


def test_a_large_jpeg_with_a_second_picture_inside_is_decoded_at_reduced_scale(astronaut):
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
    assert max(found.pixels.shape) == 2 * WORKING_SIDE


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(6000, 1000), (1000, 6000)])
def test_a_long_photo_keeps_its_small_faces(astronaut, size, format):
    found = decode(encode(Image.fromarray(astronaut).resize(size), format))
    assert min(found.pixels.shape[:2]) >= SHORTER_SIDE


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


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF", "TIFF", "HEIC"])
def test_of_several_pictures_the_first_counts(format):
    first, second = (Image.new("RGB", (64, 64), colour) for colour in ("red", "blue"))
    rest = pillow_heif.from_pillow(second)[0] if format == "HEIC" else second
    data = encode(first, format, save_all=True, append_images=[rest])
    red, green, blue = decode(data).pixels[0, 0].tolist()
    assert red > 250
    assert green + blue < 10


@pytest.mark.parametrize("format", ["HEIC", "AVIF"])
def test_more_than_eight_bits_and_transparency(astronaut, format):
    faint = np.dstack([astronaut, np.full((512, 512), 255, np.uint8)])
    faint[:100, :, 3] = 0
    found = decode(encode(Image.fromarray(faint), format))
    assert found.pixels[:90].min() > 240
    assert np.abs(found.pixels[110:].astype(int) - astronaut[110:]).mean() < 5
    if format == "HEIC":
        for mode, pixels in (("RGB;16", astronaut), ("I;16", astronaut[..., 1])):
            buffer, wide = io.BytesIO(), pixels.astype(np.uint16) << 8
            pillow_heif.from_bytes(mode, (512, 512), wide.tobytes()).save(buffer)
            expected = pixels if pixels.ndim == 3 else np.dstack([pixels] * 3)
            assert difference(decode(buffer.getvalue()), expected) < 4


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"hello, I am a text", "unsupported_type"),
        (b"%PDF-1.7 ...", "unsupported_type"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(500), "unsupported_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_type"),
        (b"\xff\xd8\xff", "bad_image"),
        (b"x" * (photo.MAX_BYTES + 1), "too_large"),
        (png_claiming(40_000, 40_000), "too_many_pixels"),
        (png_claiming(0, 0), "bad_image"),
        (png_claiming(16, 16), "bad_image"),
    ],
    ids=["empty", "text", "pdf", "mp4", "svg", "start", "large", "bomb", "0x0", "short"],
)
def test_an_unusable_file_is_refused_with_its_code(data, code):
    with pytest.raises(PhotoError) as refusal:
        decode(data)
    assert refusal.value.code == code
    assert str(refusal.value)


@pytest.mark.parametrize(
    ("format", "options"),
    [
        *((name, {}) for name in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "HEIC", "AVIF", "TIFF")),
        ("HEIC", {"tile_size": 128}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}),
    ],
)
def test_a_file_cut_off_is_refused(astronaut, format, options):
    """libheif would leave missing tiles black."""
    data = encode(astronaut, format, **options)
    for share in (0.3, 0.5, 0.97):
        with pytest.raises(PhotoError, match="broken or cut off"):
            decode(data[: int(share * len(data))])


@pytest.mark.parametrize(
    ("tags", "words"),
    [({254: 1}, "Raw files"), ({50706: b"\1\4\0\0"}, "Raw files"), ({}, "usual compressions")],
    ids=["reduced picture", "DNG", "zstandard"],
)
def test_a_tiff_that_is_no_ordinary_photo_is_refused(astronaut, tags, words):
    options = {"tiffinfo": tags} if tags else {"compression": "zstd"}
    with pytest.raises(PhotoError, match=words) as refusal:
        decode(encode(astronaut, "TIFF", **options))
    assert refusal.value.code == "unsupported_type"


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"quality": 40}],
    ids=["baseline", "progressive", "restarts", "coarse"],
)
@pytest.mark.parametrize("size", [(512, 512), (2101, 1999)])
def test_a_jpeg_that_lacks_only_its_end_marker_is_whole(astronaut, size, options):
    data = encode(Image.fromarray(astronaut).resize(size), **options)
    expected, bare = decode(data).pixels, data[:-2]
    for tail in (b"", b"\xff", b"\0\0", bytes(5000), b"\xff" * 5000, b"some text", data):
        assert np.array_equal(decode(bare + tail).pixels, expected)
    # what is cut off inside is not mended, however it is filled up
    for share in (0.2, 0.6, 0.97):
        cut = data[: int(share * len(data))]
        for tail in (b"", b"\0\0", bytes(len(data) - len(cut)), bytes(len(data)), b"some text"):
            with pytest.raises(PhotoError, match="broken or cut off"):
                decode(cut + tail)


def test_a_progressive_jpeg_cut_off_between_two_scans_is_refused(astronaut):
    """Every row is there, but none is sharp."""
    data = encode(astronaut, progressive=True)
    begins = [at for kind, at in jpeg_segments(data) if kind == SOS]
    for at in begins[1:]:
        with pytest.raises(PhotoError, match="broken or cut off"):
            decode(data[: data.rfind(b"\xff\xc4", 0, at)])


def with_text(image, name, text, **options):
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt(name, text, **options)
    return encode(image, "PNG", pnginfo=notes)


@pytest.mark.parametrize("zip", [True, False], ids=["compressed", "plain"])
def test_metadata_of_a_png_may_be_large(astronaut, zip):
    large, image = "x" * 1_500_000, Image.fromarray(astronaut)
    for data in (
        with_text(image, "XML:com.adobe.xmp", large, zip=zip),
        with_text(image, "Comment", large, zip=zip),
        encode(image, "PNG", icc_profile=bytes(1_500_000)),
    ):
        assert np.array_equal(decode(data).pixels, astronaut)
    turned = with_text(image.rotate(90), "XML:com.adobe.xmp", f'<a tiff:Orientation="6"/>{large}')
    assert np.array_equal(decode(turned).pixels, astronaut)


@pytest.mark.parametrize(
    "name",
    [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"iCCP", b"pHYs", b"gAMA", b"acTL", b"prVt"],
)
def test_a_wrong_checksum_matters_only_where_the_picture_is(astronaut, name):
    data, wrong = encode(astronaut, "PNG"), chunk(name, b"note\0\0")[:-1] + b"\0"
    assert np.array_equal(decode(data[:33] + wrong + data[33:]).pixels, astronaut)
    with pytest.raises(PhotoError, match="broken or cut off"):
        decode(data[:29] + bytes(4) + data[33:])


def test_the_alpha_of_a_bitmap_counts_only_if_it_says_something(astronaut):
    """Many programs leave the fourth byte of each pixel at zero."""
    faint = np.dstack([astronaut, np.zeros((512, 512), np.uint8)])
    assert np.array_equal(decode(bmp_alpha(faint)).pixels, astronaut)
    faint[:100, :, 3] = 255
    found = decode(bmp_alpha(faint)).pixels
    assert np.array_equal(found[:100], astronaut[:100])
    assert (found[100:] == 255).all()


def test_a_single_line_of_pixels_is_a_photo():
    for size in ((65_500, 1), (1, 65_500)):
        found = decode(encode(Image.new("RGB", size)))
        assert (found.width, found.height) == size
        assert 1 in found.pixels.shape[:2]


def scans(data, count):
    """The JPEG `data` with its last scan repeated, until it has `count`."""
    last = data[data.rfind(b"\xff\xc4", 0, data.rfind(b"\xff\xda")) : -2]
    return data[:-2] + last * (count - data.count(b"\xff\xda")) + data[-2:]


def test_a_photo_of_too_many_parts_is_refused_without_reading_them_all(astronaut, monkeypatch):
    read = []

    def counted(walk):
        return lambda data: (read.append(part) or part for part in walk(data))

    counting = {magic: (counted(walk), most) for magic, (walk, most) in photo.CONTAINERS.items()}
    monkeypatch.setattr(photo, "CONTAINERS", counting)
    plain, progressive = encode(astronaut), encode(astronaut // 255, progressive=True)
    notes = segment(0xE1, b"Exif\0\0" + bytes(17)) * 300_000
    junk = (notes, b"\xff" * 9_000_000, b"\xff\0" * 4_000_000, b"\xff\xd8" * 4_000_000)
    filled = [plain[:2] + extra + plain[2:] for extra in junk]
    chunks = png(8, 8, extra=chunk(b"teSt", b"") * 800_000)
    for data, limit in (*((each, 1001) for each in filled), (scans(progressive, 5000), 1001),
                        (chunks, 20_001)):  # fmt: skip
        read.clear()
        with pytest.raises(PhotoError, match="more parts than any camera"):
            decode(data)
        assert len(read) == limit


def test_a_run_length_encoded_bmp_is_refused():
    with pytest.raises(PhotoError, match="without compression") as refusal:
        decode(bmp_rle(7000, 7000, b"\1\0" * 1000))
    assert refusal.value.code == "unsupported_type"


def test_as_many_segments_and_scans_as_cameras_write_are_accepted(astronaut):
    plain, progressive = encode(astronaut), encode(astronaut, progressive=True)
    depth_map = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(60_000)) * 150
    film = b"\xff\xda\0\4" * 10_000  # after the photo, as in motion photos
    for data in (
        plain[:2] + depth_map + b"\xff" * 99 + plain[2:],
        scans(progressive, 20),
        plain + film,
    ):
        assert decode(data).width == 512


def peak(data):
    """Peak memory in MB of a new process that only decodes `data`."""
    code = "import sys; from model.photo import decode; decode(sys.stdin.buffer.read())\n"
    # getrusage would include the peak of the parent process
    code += "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    return int(done.stdout) // 1000


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_the_largest_png_needs_at_most_twice_its_pixels(mode):
    options = {"transparency": bytes(9)} if mode == "P" else {}
    largest = encode(Image.new(mode, (7100, 7000)), "PNG", compress_level=1, **options)
    assert peak(largest) < 400  # the pixels take 200


def test_other_formats_need_no_more():
    webp = Image.new("RGBA", (5000, 4000), (1, 2, 3, 4))
    assert peak(encode(webp, "WEBP", lossless=True, method=0)) < 400
    assert peak(encode(Image.new("CMYK", (8000, 5000)), progressive=True)) < 400
    avif = Image.new("RGBA", (5000, 5000), (1, 2, 3, 4))
    assert peak(encode(avif, "AVIF", speed=10, subsampling="4:4:4")) < 400
    assert peak(tiff(5000, 4000, channels=4, bits=16, t274=6)) < 400
    assert peak(heic_of_tiles(16, 12, (8064, 6048))) < 400


@pytest.mark.parametrize(
    ("format", "mode", "size"),
    [
        ("WEBP", "RGB", (5000, 4001)),
        ("JPEG", "CMYK", (8000, 5001)),
        ("AVIF", "RGB", (5000, 5001)),
        ("TIFF", "RGB", (5000, 4001)),
        ("PNG", "1", (65_536, 1)),
        ("PNG", "1", (1, 65_536)),
    ],
)
def test_a_photo_that_would_need_more_has_too_many_pixels(format, mode, size):
    options = {"AVIF": {"speed": 10}, "TIFF": {"compression": "tiff_lzw"}}.get(format, {})
    with pytest.raises(PhotoError) as refusal:
        decode(encode(Image.new(mode, size), format, **options))
    assert refusal.value.code == "too_many_pixels"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "I;16"])
def test_scaling_down_piece_by_piece_gives_the_same_as_all_at_once(astronaut, mode):
    """The photo is a little over four pieces wide and one high."""
    drawn = Image.fromarray(astronaut).resize((4097, 1201))
    if mode == "I;16":
        drawn = drawn.convert("L")
        sent = Image.fromarray(np.asarray(drawn).astype(np.uint16) * 257)
    else:
        drawn = sent = drawn.convert(mode)
    found = decode(encode(sent, "PNG", compress_level=1))
    expected = drawn.convert("RGB").reduce(2)
    expected.thumbnail((2 * WORKING_SIDE, 2 * WORKING_SIDE), Image.Resampling.BOX)
    assert (found.width, found.height) == (4097, 1201)
    assert np.array_equal(found.pixels, np.asarray(expected))


def test_what_a_file_asks_for_is_bounded_before_it_is_decoded(monkeypatch):
    """And what it asks for without saying so is not given."""
    fine = encode(Image.new("RGB", (512, 512)), "HEIC", chroma="444")
    for data in (claiming(sources()["heic"], 2**31, 2**31), grid(fine, 9, 9, (4501, 4500))):
        with pytest.raises(PhotoError) as refusal:
            decode(data)
        assert refusal.value.code == "too_many_pixels"
    monkeypatch.setattr(heif, "Picture", None)
    large = claiming(sources()["heic"], 4096, 4096)
    for data in (grid(large, 13, 1, (64, 64)), overlay(sources()["heic"], 4000, (64, 64))):
        with pytest.raises(PhotoError, match="more parts than any camera"):
            decode(data)
    with pytest.raises(PhotoError, match="broken"):
        decode(heif_listing(100_000))


def test_a_photo_larger_than_it_says_gets_no_memory():
    """In a process of its own: here other tests leave memory behind that the decoder could take."""
    code = (
        "import sys; from model import photo; photo.MEGABYTES = int(sys.argv[1]);"
        "print(photo.decode(sys.stdin.buffer.read()).width)"
    )
    command, data = [sys.executable, "-c", code], avif_lying(6000)
    enough = subprocess.run([*command, "450"], input=data, capture_output=True, check=True)
    assert enough.stdout == b"64\n"
    refused = subprocess.run([*command, "20"], input=data, capture_output=True)
    assert b"PhotoError: The image is broken" in refused.stderr


def test_what_is_wrong_with_a_tiff_is_not_logged(astronaut, capfd, caplog):
    """libtiff would write it to stderr, Pillow to its logger."""
    data = encode(astronaut, "TIFF", compression="tiff_lzw")
    for broken in (data[:5000] + bytes(99) + data[5099:], tiff(9, 9, t277=64_000)):
        with pytest.raises(PhotoError, match="broken"):
            decode(broken)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
    os.write(2, b"afterwards")
    assert capfd.readouterr().err == "afterwards"


def test_what_a_decoder_complains_about_is_not_logged(astronaut):
    tags = b"".join(struct.pack("<HHII", tag, 1, 9_000_000, 8) for tag in range(1, 100))
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 99) + tags
    with warnings.catch_warnings(record=True, action="always") as complaints:
        decode(encode(astronaut, exif=exif))
    assert complaints == []
