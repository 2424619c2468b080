import io
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image
from skimage import data

ROOT = Path(__file__).parents[1]

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
    """Five faces of four sizes, and where their centres are, (5, 2)."""
    wall, centres = five_faces(astronaut)
    return encode(wall), centres


def five_faces(astronaut):
    """The astronaut's face five times on one wall, and the centres, (5, 2)."""
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
    return wall, np.array(centres)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def serving(port):
    """`make serve` on this port until the block ends; its address."""
    uwsgi = Path(sys.executable).parent / "uwsgi"
    command = [uwsgi, "--ini", ROOT / "uwsgi.ini", "--http", f"127.0.0.1:{port}"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("YANLING_")}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=environment, **quiet)
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while not answers(f"{url}/readyz"):
            assert process.poll() is None, "the service stopped"
            assert time.monotonic() < deadline, "the service is not ready"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return reply.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(scope="session")
def service():
    (port,) = free_ports(1)
    with serving(port) as url:
        yield url


@pytest.fixture(scope="session")
def packages():
    """ESLint, jest and their like: `make test` has installed them, a bare `pytest` has not."""
    folder = ROOT / "miniprogram"
    if not (folder / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=folder, check=True)
