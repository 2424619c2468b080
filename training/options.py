"""Command-line options that several commands share."""

from pathlib import Path

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(path_type=Path)

chips = click.option(
    "--chips", type=FOLDER, default="chips", show_default=True, help="Folder that `prepare` wrote."
)
