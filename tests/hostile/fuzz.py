"""Search for bytes that break the decoding of photos or the parsing of forms, guided by coverage.

    .venv/bin/python -m tests.hostile.fuzz [--seconds 60] [--only photo|form] [--keep]

Atheris (libFuzzer) changes inputs of the corpus and keeps those that reach new code. An input that
breaks something is saved in var/fuzz, and the exit status is 1. The search is a child, because a
decoder that crashes ends its process.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tests.hostile import targets

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "var" / "fuzz"


@click.command(help=__doc__)
@click.option("--seconds", default=60, show_default=True, help="For each of the targets.")
@click.option("--only", type=click.Choice(list(targets.TARGETS)), help="One of the targets.")
@click.option("--keep", is_flag=True, help="Add what reached new code to the corpus.")
def main(seconds: int, only: str | None, keep: bool) -> None:
    FOUND.mkdir(parents=True, exist_ok=True)
    names = [only] if only else list(targets.TARGETS)
    broken = [name for name in names if not survives(name, seconds, keep)]
    sys.exit(f"broken: {', '.join(broken)}; see {FOUND}" if broken else 0)


def survives(name: str, seconds: int, keep: bool) -> bool:
    """Whether nothing was found."""
    limits = [f"-max_total_time={seconds}", f"-artifact_prefix={FOUND}/{name}-"]
    with tempfile.TemporaryDirectory() as folder:
        inputs, chosen = Path(folder) / "inputs", Path(folder) / "chosen"
        inputs.mkdir()
        chosen.mkdir()
        for number, data in enumerate([*targets.seeds(name), *targets.corpus(name).values()]):
            (inputs / str(number)).write_bytes(data)
        found = search(name, folder, *limits, inputs)
        if keep and not found:
            search(name, folder, "-merge=1", chosen, inputs)
            targets.pack(name, chosen)
    return not found


def search(name: str, folder: str, *options: str | Path) -> int:
    """The exit status of libFuzzer; what it leaves behind is in `folder`."""
    command = [sys.executable, "-m", "tests.hostile.search", f"--target={name}"]
    environment = os.environ | {"TMPDIR": folder}
    return subprocess.run([*command, *map(str, options)], cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    main(prog_name="python -m tests.hostile.fuzz")
