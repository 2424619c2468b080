"""Try what deploy/systemd/ forbids, as root, and print what was allowed, a word for each.

    python3 forbidden.py ADDRESS

ADDRESS is one of this host, but not of localhost, where something listens on port 443. Needs no
library: `make host` runs this inside each unit, and outside, where all must be allowed.
"""

import ctypes
import mmap
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

PTRACE_TRACEME = 0
CLONE_NEWNET = 0x40000000
NOBODY = 65534
SETTING = Path("/proc/sys/net/ipv4/ip_forward")
libc = ctypes.CDLL(None, use_errno=True)


def call(function: str, *arguments: object) -> None:
    if getattr(libc, function)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), function)


def write(folder: str) -> None:
    (file := Path(folder, "forbidden")).touch()
    file.unlink()


def connect() -> None:
    socket.create_connection((sys.argv[1], 443), 5).close()


def set_user_id() -> None:
    with tempfile.NamedTemporaryFile() as file:
        os.fchmod(file.fileno(), stat.S_ISUID)


def mount() -> None:
    call("mount", b"none", b"/mnt", b"tmpfs", 0, None)
    call("umount", b"/mnt")


def see_processes() -> None:
    """As another user; root sees them all."""
    command = ["cat", "/proc/1/cmdline"]
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    subprocess.run(command, check=True, capture_output=True, **user)


ATTEMPTS: dict[str, Callable[[], object]] = {
    "write-etc": lambda: write("/etc"),
    "write-usr": lambda: write("/usr"),
    "write-release": lambda: write("/opt/yanling/current/app"),
    "write-root": lambda: write("/root"),
    "read-root": lambda: Path("/root/.profile").read_bytes(),
    "see-processes": see_processes,
    "kernel-setting": lambda: SETTING.open("a").close(),
    "connect": connect,
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "trace": lambda: call("ptrace", PTRACE_TRACEME, 0, 0, 0),
    "mount": mount,
    "host-name": lambda: call("sethostname", b"forbidden", 9),
    "set-user-id": set_user_id,
    "write-and-run": lambda: mmap.mmap(-1, 4096, prot=7).close(),
    "namespace": lambda: call("unshare", CLONE_NEWNET),
}


def allowed(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


if __name__ == "__main__":
    print(*(name for name, attempt in ATTEMPTS.items() if allowed(attempt)))
