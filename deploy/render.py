"""Fill the templates in deploy/ with the values of one host.

    python3 deploy/render.py /etc/yanling.env OUTDIR

Each @NAME@ becomes the value of NAME; what the host's file lacks is taken from site.env.
nginx and supervisor have their own $ and % signs.
"""

import re
import sys
from pathlib import Path

DEPLOY = Path(__file__).parent


def read(file: Path) -> dict[str, str]:
    """The NAME=value lines of a settings file."""
    lines = file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def render(values: dict[str, str], out: Path) -> None:
    """Write every template, filled, below `out`. Raises KeyError for a name without a value."""
    for template in DEPLOY.glob("*/*.conf"):
        target = out / template.relative_to(DEPLOY)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = re.sub(r"@([A-Z_]+)@", lambda match: values[match[1]], template.read_text())
        target.write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    render(read(DEPLOY / "site.env") | read(Path(sys.argv[1])), Path(sys.argv[2]))
