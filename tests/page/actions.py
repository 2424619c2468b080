"""What a visitor does, and what the page sent."""

from base64 import b64decode
from io import BytesIO

from PIL import Image


def choose(page, data, name="photo.jpg", kind="image/jpeg"):
    page.set_input_files("#file", {"name": name, "mimeType": kind, "buffer": data})


def sent(page):
    """The photo that the page sent last, as bytes."""
    address = page.evaluate(
        """() => new Promise(resolve => {
          const reader = new FileReader()
          reader.onload = () => resolve(reader.result)
          reader.readAsDataURL(sent)
        })"""
    )
    return b64decode(address.partition(",")[2])


def size_of(data):
    return Image.open(BytesIO(data)).size
