"""The command `estimate`: photos and videos into one table. docs/estimate.md describes it."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from app import archives, packages, writers
from app.bulk import Bulk
from app.failures import Refused, one_sentence
from app.parts import Parts
from app.remote import is_url
from app.run import Run
from app.sources import Sources
from model.processor import cores

STDIN = Path("-")
FILE = click.Path(dir_okay=False, path_type=Path)


class Named(click.Path):
    """A file or folder, or a URL as it is."""

    name = "path"

    def convert(self, value: Any, param: Any, context: Any) -> Any:
        if isinstance(value, str) and is_url(value):
            return value
        return super().convert(value, param, context)


@click.command(short_help="Judge photos and videos, and write a table.")
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="PATH...",
    type=Named(exists=True, allow_dash=True, path_type=Path),
)
@click.option(
    "--out",
    type=Named(path_type=Path),
    default="faces.csv",
    show_default=True,
    help="The table to write: .csv or .parquet with a row per face, .jsonl with a line per photo."
    " With --ray a folder or URL, for part files in Parquet.",
)
@click.option(
    "--bom/--no-bom",
    default=True,
    show_default=True,
    help="Begin CSV with a byte order mark, without which Excel misreads Chinese names.",
)
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder to make, with a copy of each photo that has faces: each framed, with its age.",
)
@click.option(
    "--report",
    type=FILE,
    metavar="FILE.html",
    help="A page to write: contact sheet, ages, gender, and what was not judged. It needs no"
    " other file.",
)
@click.option(
    "--every",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="Of a video, judge every N-th frame.",
)
@click.option(
    "--hidden",
    is_flag=True,
    help="Also take what folders hide: names that begin with a dot, @eaDir and their like.",
)
@click.option(
    "--columns",
    type=(str, str),
    default=archives.COLUMNS,
    show_default=" ".join(archives.COLUMNS),
    metavar="NAMES PHOTOS",
    help="Of Parquet files that are read: the column of names, and that of the photos' bytes.",
)
@click.option(
    "--ray",
    is_flag=True,
    help="Use a Ray cluster: the one at RAY_ADDRESS, or one started here.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    show_default="one per core that may be used",
    metavar="N",
    help="Number of worker processes; fewer need less memory.",
)
@click.option("--restart", is_flag=True, help="Begin again instead of resuming.")
def estimate(paths: tuple[Path | str, ...], out: Path | str, ray: bool, **options: Any) -> None:
    """Estimate ages and genders in photos and videos, and write a table.

    PATH is a photo, a video, a tar, zip or Parquet file, a folder with its subfolders, a URL of
    such, or - for a list of names on standard input: one a line, or separated by NUL (find
    -print0). Videos and archives in folders are left out; name those that are to be judged. An
    interrupted run is resumed.

    \b
    Examples:
      yanling estimate holiday --out holiday.csv --report holiday.html
      yanling estimate clip.mp4 --every 5 --pictures stills
      find . -name '*.heic' -mtime -7 -print0 | yanling estimate - --out week.jsonl
      yanling estimate --ray 's3://bucket/*.tar' --out s3://bucket/faces
    """
    if not ray and (is_url(str(out)) or Path(out).suffix.lower() not in writers.WRITERS):
        raise click.BadParameter(
            f"must be a file that ends in {', '.join(writers.WRITERS)}", param_hint="--out"
        )
    with one_sentence():
        roots = [root for path in paths for root in (listed() if path == STDIN else [path])]
        packages.check([*roots, out], ray)
        sources = Sources(roots, _base(paths), options.pop("hidden"), options.pop("columns"))
        if ray:
            _bulk(sources, str(out), options).go()
        else:
            options["workers"] = options["workers"] or cores()
            Run(sources, Path(out), **options).go()


def _bulk(sources: Sources, out: str, options: dict[str, Any]) -> Bulk:
    """Raises Refused when `out` is a table, or pictures or a report are wanted."""
    if Path(out).suffix.lower() in writers.WRITERS or options["pictures"] or options["report"]:
        raise Refused("--ray writes a folder: choose another --out, no --pictures and no --report")
    folder = out if is_url(out) else str(Path(out).absolute())
    return Bulk(sources, Parts(folder), options["workers"], options["restart"])


def listed() -> list[Path | str]:
    """The names in a list on standard input."""
    data = sys.stdin.buffer.read()
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    texts = [os.fsdecode(name) for name in names if name]
    return [text if is_url(text) else Path(text) for text in texts]


def _base(paths: tuple[Path | str, ...]) -> Path | str | None:
    """The folder to which names are relative, if only one thing was named."""
    if len(paths) > 1 or paths[0] == STDIN:
        return None
    (path,) = paths
    if isinstance(path, str):
        return path
    return path if path.is_dir() else path.parent
