"""`python -m app estimate FOLDER`: estimate a folder of photos on all cores and write a table.
`python -m app key NAME`: make an API key."""

import os
from importlib.util import find_spec
from pathlib import Path

import click

from app import batch, keys, writers


@click.group()
def main() -> None:
    """Commands that need no server."""


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("faces.csv"),
    show_default=True,
    help="The file to write: .csv or .parquet with a row per face, .jsonl with a line per photo.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=os.cpu_count(),
    show_default="one per core",
    help="Number of worker processes.",
)
def estimate(folder: Path, out: Path, workers: int) -> None:
    """Estimate every photo in FOLDER and its subfolders. An interrupted run is resumed."""
    if out.suffix not in writers.WRITERS:
        raise click.BadParameter(f"must end in {', '.join(writers.WRITERS)}", param_hint="--out")
    if out.suffix == ".parquet" and not find_spec("pyarrow"):
        raise click.ClickException("Parquet needs another package: pip install pyarrow")
    if out.exists():
        raise click.ClickException(f"{out} already exists: move it or choose another --out")
    journal = out.with_name(f"{out.name}.unfinished")
    names = batch.photos(folder)
    done = batch.resume(journal)
    remaining = [name for name in names if name not in done]
    if not names:
        raise click.ClickException(f"no photos in {folder} ({', '.join(batch.SUFFIXES)})")
    click.echo(f"{len(names)} photos" + (f", {len(done)} already done" if done else ""))
    with click.progressbar(length=len(remaining), label="estimating", show_pos=True) as bar:
        for _ in batch.estimate(folder, remaining, journal, workers):
            bar.update(1)
    lines = batch.lines(journal)
    writers.WRITERS[out.suffix](lines, out)
    journal.unlink()
    faces = sum(len(line.get("faces", [])) for line in lines)
    refused = sum("error" in line for line in lines)
    click.echo(f"{out}: {faces} faces; {refused} photos refused, each with its error code")


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
