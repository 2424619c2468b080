import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.testing import photos
from deploy.testing.ports import free_ports
from deploy.testing.service import ROOT, serving
from deploy.testing.stack import running_stack

# `pytest --hypothesis-profile=hostile` looks longer. A photo must not keep the decoder busy: the
# deadline, in ms, is far beyond what the largest photo takes on a busy machine.
settings.register_profile("quick", max_examples=300, derandomize=True, deadline=60_000)
settings.register_profile("hostile", max_examples=20_000, deadline=60_000, database=None)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def astronaut():
    """A portrait: Eileen Collins at 35, (512, 512, 3)."""
    return photos.astronaut()


@pytest.fixture(scope="session")
def portrait(astronaut):
    return photos.encode(astronaut)


@pytest.fixture(scope="session")
def landscape():
    """A photo without a face."""
    return photos.encode(photos.no_face())


@pytest.fixture(scope="session")
def group():
    """Five faces of four sizes, and where their centres are, (5, 2)."""
    wall, centres = photos.five_faces()
    return photos.encode(wall), centres


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


@pytest.fixture(scope="session")
def stack():
    """The real stack. Even its logs lie in memory, so that it has nothing to write to a disk."""
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm") as folder,
        running_stack(Path(folder)) as stack,
    ):
        yield stack


@pytest.fixture(scope="session")
def portrait_file(portrait, tmp_path_factory):
    """A portrait under a name that must not turn up anywhere."""
    file = tmp_path_factory.mktemp("photos") / "private-name.jpg"
    file.write_bytes(portrait)
    return file
