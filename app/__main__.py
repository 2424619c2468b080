"""The command `yanling`, also `python -m app`: `yanling estimate PATH...` judges photos and videos,
`yanling key NAME` makes an API key."""

import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import click

from app import keys
from app.estimate import estimate
from model.engine import metadata

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def versions(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the versions of the code and the weights, and end."""
    if not wanted:
        return
    # a checkout may be newer than what is installed
    facts = tomllib.loads(PROJECT.read_text()) if PROJECT.exists() else None
    number = facts["project"]["version"] if facts else version("yanling")
    click.echo(f"yanling {number}, weights {metadata()['version']}")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=versions,
    help="Show the versions of the program and of its weights.",
)
def main() -> None:
    """Yanling estimates the age and gender of faces. These commands need no server."""
    for stream in (sys.stdout, sys.stderr):  # not every terminal has every name's characters
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


main.add_command(estimate)


@main.command()
@click.argument("name")
def key(name: str) -> None:
    """Make an API key for the client NAME.

    The key is shown once, on standard error. Its line for the YANLING_API_KEYS file goes to
    standard output: append it with >> FILE.
    """
    if not keys.NAME.fullmatch(name):
        raise click.BadParameter("must be 1 to 64 letters, digits, dots, dashes or underscores")
    secret, line = keys.make(name)
    click.echo(f"The key for {name}, shown only once: {secret}", err=True)
    click.echo(line)


if __name__ == "__main__":
    main(prog_name="python -m app")
