import pytest
from PIL import Image

from deploy.testing.photos import encode
from model.containers import EOI, FILL, SOS, jpeg_segments, png_chunks


def kinds(data):
    return [kind for kind, _ in jpeg_segments(data)]


def test_segments_come_in_order():
    data = encode(Image.new("L", (64, 64)), restart_marker_rows=1)
    found = kinds(data)
    assert found[0] == 0xE0  # JFIF
    assert found[-2:] == [SOS, EOI]
    assert all(data[at] == 0xFF for _, at in jpeg_segments(data))


def test_every_scan_of_a_progressive_jpeg_counts():
    data = encode(Image.new("RGB", (64, 64)), progressive=True)
    assert kinds(data).count(SOS) == data.count(b"\xff\xda") > 5


def test_what_follows_the_image_does_not_count():
    data = encode(Image.new("L", (8, 8)))
    assert kinds(data + data) == kinds(data)


@pytest.mark.parametrize(
    "junk",
    [b"\xff\xd8" * 600, b"\xff\0" * 600, b"\xff\xd0" * 600, b"\xff\xf0\2\0".ljust(514, b"a") * 3],
    ids=["beginnings", "stuffing", "restarts", "extensions"],
)
def test_junk_in_the_header_counts_by_the_byte(junk):
    data = encode(Image.new("L", (8, 8)))
    assert len(kinds(data[:2] + junk + data[2:])) > 600
    assert len(kinds(data + junk)) == len(kinds(data))


def test_fill_bytes_count():
    data = encode(Image.new("L", (8, 8)))
    assert kinds(data[:2] + b"\xff" * 7 + data[2:]) == [FILL] * 7 + kinds(data)


def test_a_file_cut_off_anywhere_has_fewer_segments():
    data = encode(Image.new("L", (8, 8)))
    for cut in range(len(data)):
        assert set(jpeg_segments(data[:cut])) < set(jpeg_segments(data))


def test_another_file_behind_a_missing_end_does_not_count():
    data = encode(Image.new("L", (8, 8)))
    assert kinds(data[:-2] + data) == [*kinds(data)[:-1], 0xD8]


def test_chunks_of_a_png():
    data = encode(Image.new("L", (8, 8)), "PNG")
    assert [name for name, _ in png_chunks(data + data)] == [b"IHDR", b"IDAT", b"IEND"]
    for cut in range(len(data) - 4):
        assert set(png_chunks(data[:cut])) < set(png_chunks(data))
