#!/usr/bin/env python3
"""Write when the certificate that clients get expires, where the service reads it for /metrics.

    python3 deploy/expiry.py ADDRESS NAME FILE

ADDRESS: where nginx answers. Asks nginx, not the file on the disk: a certificate that was
renewed is worth nothing until nginx was reloaded. Runs until it is stopped. Needs no library.
"""

import ssl
import subprocess
import sys
import time
from pathlib import Path

SECONDS = 3600


def main(address: str, name: str, file: Path) -> None:
    while True:
        try:
            write(file, expiry(address, name))
            time.sleep(SECONDS)
        except (OSError, ValueError, subprocess.SubprocessError):  # nginx is down
            time.sleep(1)


def expiry(address: str, name: str) -> float:
    """The Unix time at which the certificate for this name ends. Raises SubprocessError
    or ValueError when there is none."""
    connect = ["openssl", "s_client", "-connect", address, "-servername", name]
    quiet = subprocess.DEVNULL
    shown = subprocess.run(connect, stdin=quiet, stdout=-1, stderr=quiet, check=True, timeout=30)
    read = ["openssl", "x509", "-noout", "-enddate"]
    end = subprocess.run(read, input=shown.stdout, stdout=-1, stderr=quiet, check=True).stdout
    return ssl.cert_time_to_seconds(end.decode().strip().partition("=")[2])


def write(file: Path, seconds: float) -> None:
    """Replace the file as a whole, so that nobody reads half of it."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(f"{seconds:.0f}\n")
    new.replace(file)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["-h" | "--help", *_]:
            print(__doc__)
        case [address, name, file]:
            main(address, name, Path(file))
        case _:
            sys.exit(__doc__)
