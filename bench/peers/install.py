"""The peers' packages, pinned, in var/peers: they need what the project does not."""

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
    """Whatever is missing or of another version. The first time takes a minute and 2 GB."""
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
    wanted, have = HERE / "requirements.txt", FOLDER / "venv" / "requirements.txt"
    if _same(wanted, have):
        return
    print("installing the Python peers", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER / "venv"], check=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "-r", wanted], check=True)
    shutil.copy(wanted, have)


def _node() -> None:
    # npm leaves this behind when it is done
    done = NODE / "node_modules" / ".package-lock.json"
    if done.exists() and all(_same(HERE / name, NODE / name) for name in NODE_FILES):
        return
    print("installing the Node.js peers", file=sys.stderr)
    NODE.mkdir(exist_ok=True)
    for name in NODE_FILES:
        shutil.copy(HERE / name, NODE / name)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=NODE, check=True)


def _same(wanted: Path, have: Path) -> bool:
    return have.exists() and have.read_bytes() == wanted.read_bytes()
