"""Any bytes give a photo within the limits or a refusal, in bounded memory.

`make hostile` tries 20,000 examples: see the profiles in tests/conftest.py.
"""

import re
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from tests.hostile import targets
from tests.hostile.photos import SPOILERS
from tests.hostile.sources import sources

MEGABYTES = 370  # the most that any photo takes: a WebP of 20 megapixels
HEADS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"RIFF\0\0\0\0WEBPVP8",
    b"GIF89a",
    b"BM",
    b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\xffmeta\0\0\0\0",
    b"\0\0\0\x18ftypavif\0\0\0\0mif1avif\0\0\0\xffmeta\0\0\0\0",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
)


@st.composite
def spoilt_photos(draw) -> bytes:
    """A valid photo damaged where its parts meet, possibly cut off, possibly with data after it."""
    data = sources()[draw(st.sampled_from(sorted(sources())))]
    spoil = draw(st.sampled_from(SPOILERS))
    data = spoil(data, draw(st.randoms(use_true_random=False)))
    return data[: draw(st.integers(0, len(data)) | st.just(len(data)))] + draw(st.binary())


anything = st.binary() | st.builds(bytes.__add__, st.sampled_from(HEADS), st.binary())


def memory(which: str) -> int:
    """VmRSS, or its peak VmHWM, of this process in MB."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{which}:\s+(\d+)", status)[1]) // 1000


@given(spoilt_photos() | anything)
@example(b"")
def test_any_bytes_are_a_photo_or_a_refusal(data):
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = memory("VmRSS")
    targets.photo(data)
    assert memory("VmHWM") - before < MEGABYTES
