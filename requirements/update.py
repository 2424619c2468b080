"""Propose newer packages: writes the newest versions that fit together into the .in files.

    make update       # this, and new locks; then `make test` judges the proposal

Each line keeps its reason. A package that must stay where it is gets `<` beside its `==`.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
EVERYTHING = "testing.in"  # contains all the others
PIN = re.compile(r"^([\w.-]+)((?:\[[^]]*\])?)==([^\s,;]+)", re.MULTILINE)


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path), default=FOLDER)
def main(folder: Path) -> None:
    """Write the newest versions that fit together into the .in files of FOLDER."""
    newest = resolve(folder)
    for file in sorted(folder.glob("*.in")):
        file.write_text(PIN.sub(lambda pin: renewed(pin, newest), file.read_text()))


def resolve(folder: Path) -> dict[str, str]:
    """Name -> the version that uv chooses when every `==` is a `>=`."""
    with tempfile.TemporaryDirectory() as name:
        for file in folder.glob("*.in"):
            loose = PIN.sub(r"\1\2>=\3", file.read_text())
            (Path(name) / file.name).write_text(loose)
        command = [f"{Path(sys.executable).parent}/uv", "pip", "compile", "--quiet", "--upgrade"]
        command += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]
        # in the project's folder, because pyproject.toml says which packages need nothing
        done = subprocess.run(
            [*command, Path(name) / EVERYTHING], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
    if done.returncode:
        sys.exit("uv finds no versions that fit together, see above")
    return {normal(name): version for name, _, version in PIN.findall(done.stdout)}


def renewed(pin: re.Match[str], newest: dict[str, str]) -> str:
    """The pin with the newest version, which is also printed when it is another one."""
    name, extras, version = pin.groups()
    new = newest[normal(name)]
    if new != version:
        click.echo(f"{name} {version} -> {new}")
    return f"{name}{extras}=={new}"


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
