import io

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image
from skimage import data

# a photo of 50 megapixels may take its time; pytest --hypothesis-profile=hostile looks longer
settings.register_profile("quick", max_examples=300, derandomize=True, deadline=10_000)
settings.register_profile("hostile", max_examples=20_000, deadline=10_000, database=None)
settings.load_profile("quick")


def encode(pixels, format="JPEG", **options):
    """An array or a Pillow image as the bytes of a file."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, format, **({"quality": 95} if format == "JPEG" else {}) | options)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def astronaut():
    """A portrait: Eileen Collins at 35, (512, 512, 3), NASA, public domain."""
    return data.astronaut()


@pytest.fixture(scope="session")
def portrait(astronaut):
    return encode(astronaut)


@pytest.fixture(scope="session")
def landscape():
    """A photo without a face."""
    return encode(data.coffee())


@pytest.fixture(scope="session")
def group(astronaut):
    """Five faces of four sizes on one wall, and where their centres are."""
    face = Image.fromarray(astronaut).crop((130, 0, 330, 200))
    wall = Image.new("RGB", (1200, 800), (120, 130, 140))
    centres = []
    for size, x, y in (
        (300, 40, 60),
        (240, 420, 40),
        (200, 760, 80),
        (160, 300, 480),
        (160, 820, 500),
    ):
        wall.paste(face.resize((size, size)), (x, y))
        centres.append((x + size / 2, y + size / 2))
    return encode(wall), np.array(centres)
