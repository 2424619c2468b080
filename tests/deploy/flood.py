"""More requests at once than one address may send."""

import subprocess
from collections import Counter
from pathlib import Path


def flood(certificate: Path, url: str, source: str, *headers: str) -> Counter[str]:
    """The statuses of 300 requests at once from the address `source`."""
    command: list[str | Path] = ["curl", "-sS", "-Z", "--parallel-max", "20", "--interface", source]
    command += ["--cacert", certificate, "-w", "%{http_code} ", "-o", "/dev/null"]
    command += [option for header in headers for option in ("-H", header)]
    done = subprocess.run([*command, f"{url}/upload?[1-300]"], capture_output=True, text=True)
    return Counter(done.stdout.split())
