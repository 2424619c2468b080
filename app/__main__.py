"""`python -m app estimate FOLDER`: estimate a folder of photos on all cores and write a table.
`python -m app key NAME`: make an API key."""

import sys

import click

from app import keys
from app.estimate import estimate


@click.group()
def main() -> None:
    """Commands that need no server."""
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
