"""What deploy/container/Containerfile says."""

import re

from deploy.testing.service import ROOT

FILE = ROOT / "deploy" / "container" / "Containerfile"
CLIENTS, PROBES = 8080, 9145  # the ports inside the container


def instructions() -> list[tuple[str, str]]:
    """Of the Containerfile, as (name, the rest), without comments and continued lines."""
    text = re.sub(r"^#.*\n", "", FILE.read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def only(name: str) -> str:
    """The rest of the one instruction of this name in the last stage."""
    found = instructions()
    last = max(number for number, (each, _) in enumerate(found) if each == "FROM")
    (rest,) = (rest for each, rest in found[last:] if each == name)
    return rest
