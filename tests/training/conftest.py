import numpy as np
import pytest
from PIL import Image

from deploy.testing.photos import encode
from training import duplicates
from training.__main__ import main


@pytest.fixture(scope="session")
def call():
    """Run a command of `python -m training` in this process; errors are raised."""
    return lambda *arguments: main(list(map(str, arguments)), standalone_mode=False)


@pytest.fixture(scope="session")
def face(astronaut):
    """A chip, more or less: (160, 160, 3)."""
    return astronaut[20:180, 140:300]


@pytest.fixture(scope="session")
def variant(astronaut):
    """The portrait under the n-th random lighting, as a JPEG; every second one mirrored."""

    def variant(n):
        patches = np.random.default_rng(n).uniform(0.6, 1, (20, 20)).astype(np.float32)
        light = Image.fromarray(patches).resize((512, 512), Image.Resampling.BICUBIC)
        lit = (astronaut * np.asarray(light)[..., None]).clip(0, 255).astype(np.uint8)
        return encode(lit[:, ::-1] if n % 2 else lit)

    return variant


@pytest.fixture(scope="session")
def raw(tmp_path_factory, variant):
    """Three data sets of 20 photos each."""
    folder = tmp_path_factory.mktemp("raw")
    for name in ("utkface", "aaf", "fairface"):
        (folder / name).mkdir()
    labels = ["file,age,gender,race"]
    for i in range(20):
        age = 28 + i % 10
        (folder / "utkface" / f"{age}_1_0_{i}.jpg.chip.jpg").write_bytes(variant(i))
        (folder / "aaf" / f"{i:05d}A{age}.jpg").write_bytes(variant(20 + i))
        (folder / "fairface" / f"{i}.jpg").write_bytes(variant(40 + i))
        labels.append(f"{i}.jpg,30-39,Female,White")
    (folder / "fairface" / "labels.csv").write_text("\n".join(labels))
    return folder


@pytest.fixture(scope="session")
def chips(tmp_path_factory, raw, call):
    folder = tmp_path_factory.mktemp("chips")
    with pytest.MonkeyPatch.context() as patch:
        # sixty times one woman: more alike than photos of a real data set
        patch.setattr(duplicates, "NEAR_BITS", 7)
        sets = [f"--{path.name}={path}" for path in sorted(raw.iterdir())]
        call("prepare", *sets, "--out", folder, "--workers", 2, "--validation", 0.2)
    return folder
