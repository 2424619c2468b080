"""Which folders are on a disk, and which in memory."""

import subprocess
from pathlib import Path


def is_memory(folder: Path) -> bool:
    kind = subprocess.check_output(["stat", "--file-system", "--format=%T", folder], text=True)
    return kind.strip() in ("tmpfs", "ramfs")
