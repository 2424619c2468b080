"""`python -m app estimate FOLDER`: every photo of a folder, on every core, into one table.
`python -m app key NAME`: a new API key."""

import os
from importlib.util import find_spec
from pathlib import Path

import click

from app import batch, keys, tables


@click.group()
def main() -> None:
    """Yanling without a server."""


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("faces.csv"),
    show_default=True,
    help="What to write: .csv or .parquet with a row a face, or .jsonl with a line a photo.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=os.cpu_count(),
    show_default="a core each",
    help="How many processes look at photos.",
)
def estimate(folder: Path, out: Path, workers: int) -> None:
    """Estimate every photo in FOLDER and below it. A run that was stopped goes on where it was."""
    if out.suffix not in tables.WRITERS:
        raise click.BadParameter(f"one of {', '.join(tables.WRITERS)}", param_hint="--out")
    if out.suffix == ".parquet" and not find_spec("pyarrow"):
        raise click.ClickException("Parquet needs one package more: pip install pyarrow")
    if out.exists():
        raise click.ClickException(f"{out} is there already: move it away or choose another --out")
    journal = out.with_name(f"{out.name}.unfinished")
    names = batch.photos(folder)
    done = batch.resume(journal)
    left = [name for name in names if name not in done]
    if not names:
        raise click.ClickException(f"no photos in {folder}: {', '.join(batch.SUFFIXES)}")
    click.echo(f"{len(names)} photos" + (f", {len(done)} of them done before" if done else ""))
    with click.progressbar(length=len(left), label="estimating", show_pos=True) as bar:
        for _ in batch.estimate(folder, left, journal, workers):
            bar.update(1)
    lines = batch.lines(journal)
    tables.WRITERS[out.suffix](lines, out)
    journal.unlink()
    faces = sum(len(line.get("faces", [])) for line in lines)
    refused = sum("error" in line for line in lines)
    click.echo(f"{out}: {faces} faces; {refused} photos refused, the table says why")


@main.command()
@click.argument("name")
def key(name: str) -> None:
    """Make an API key for the client NAME.

    The key goes to the terminal, this once; its line for the file that YANLING_API_KEYS names goes
    to the output: >> FILE adds it.
    """
    if not keys.NAME.fullmatch(name):
        raise click.BadParameter("letters, digits, dot, dash and underscore, 64 at most")
    made, line = keys.make(name)
    click.echo(f"The key for {name}, shown this once: {made}", err=True)
    click.echo(line)


if __name__ == "__main__":
    main(prog_name="python -m app")
