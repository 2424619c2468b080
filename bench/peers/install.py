"""Installs the peers' pinned packages into var/peers, apart from the project's environment."""

import shutil
import subprocess
import sys
from pathlib import Path

from bench.peers import vgg_face

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "var" / "peers"
PYTHON = FOLDER / "venv" / "bin" / "python"
NODE = FOLDER / "node"
DEEPFACE = FOLDER / "deepface"
NODE_FILES = ("package.json", "package-lock.json", ".npmrc")
NETWORKS = {"age_model_weights.onnx": 101, "gender_model_weights.onnx": 2}  # classes


def install() -> None:
    """Install what is missing or of another version. The first time takes a minute and 2 GB."""
    if shutil.which("npm") is None:
        raise SystemExit("npm is missing: apt install nodejs npm")
    FOLDER.mkdir(parents=True, exist_ok=True)
    _python()
    _node()
    weights = DEEPFACE / ".deepface" / "weights"
    weights.mkdir(parents=True, exist_ok=True)
    for name, classes in NETWORKS.items():
        if not (weights / name).exists():
            print(f"making {name}", file=sys.stderr)
            vgg_face.write(weights / f"{name}.part", classes)
            (weights / f"{name}.part").rename(weights / name)


def _python() -> None:
    pinned, installed = HERE / "requirements.txt", FOLDER / "venv" / "requirements.txt"
    if _same(pinned, installed):
        return
    print("installing the Python peers", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER / "venv"], check=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "-r", str(pinned)], check=True)
    shutil.copy(pinned, installed)


def _node() -> None:
    # npm writes this file last
    done = NODE / "node_modules" / ".package-lock.json"
    if done.exists() and all(_same(HERE / name, NODE / name) for name in NODE_FILES):
        return
    print("installing the Node.js peers", file=sys.stderr)
    NODE.mkdir(exist_ok=True)
    for name in NODE_FILES:
        shutil.copy(HERE / name, NODE / name)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=NODE, check=True)


def _same(pinned: Path, installed: Path) -> bool:
    return installed.exists() and installed.read_bytes() == pinned.read_bytes()
