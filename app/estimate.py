"""The command `estimate`: photos and videos into one table. docs/estimate.md describes it."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from app import journal, writers
from app.folder import printed, shown
from app.run import Refused, Run
from model.engine import WeightsError
from model.processor import cores

AGAIN = "run the same command again to continue"
STDIN = Path("-")
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Judge photos and videos, and write a table.")
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="PATH...",
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
)
@click.option(
    "--out",
    type=FILE,
    default=Path("faces.csv"),
    show_default=True,
    help="The table to write: .csv or .parquet with a row per face, .jsonl with a line per photo.",
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
    "--workers",
    type=click.IntRange(min=1),
    default=cores(),
    show_default="one per core that may be used",
    metavar="N",
    help="Number of worker processes; fewer need less memory.",
)
@click.option("--restart", is_flag=True, help="Begin again instead of resuming.")
def estimate(paths: tuple[Path, ...], out: Path, **options: Any) -> None:
    """Estimate ages and genders in photos and videos, and write a table.

    PATH is a photo, a video, a folder with its subfolders, or - for a list of names on standard
    input: one a line, or separated by NUL (find -print0). Videos in folders are left out; name
    those that are to be judged. An interrupted run is resumed.

    \b
    Examples:
      yanling estimate holiday --out holiday.csv --report holiday.html
      yanling estimate clip.mp4 --every 5 --pictures stills
      find . -name '*.heic' -mtime -7 -print0 | yanling estimate - --out week.jsonl
    """
    if out.suffix.lower() not in writers.WRITERS:
        raise click.BadParameter(f"must end in {', '.join(writers.WRITERS)}", param_hint="--out")
    if out.suffix.lower() == ".parquet" and not find_spec("pyarrow"):
        raise click.ClickException("Parquet needs another package: pip install pyarrow")
    with _one_sentence():
        roots = [root for path in paths for root in (listed() if path == STDIN else [path])]
        Run(roots=roots, base=_base(paths), out=out, **options).go()


def listed() -> list[Path]:
    """The names in a list on standard input."""
    data = sys.stdin.buffer.read()
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [Path(os.fsdecode(name)) for name in names if name]


def _base(paths: tuple[Path, ...]) -> Path | None:
    """The folder to which names are relative, if only one thing was named."""
    if len(paths) > 1 or paths[0] == STDIN:
        return None
    return paths[0] if paths[0].is_dir() else paths[0].parent


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Whatever ends a run from outside ends it with one sentence."""
    try:
        yield
    except (Refused, journal.JournalError, WeightsError) as error:
        raise click.ClickException(str(error)) from None
    except BrokenProcessPool:
        what = "a worker was killed, perhaps for lack of memory"
        raise click.ClickException(f"{what}: {AGAIN}, with fewer --workers") from None
    except OSError as error:
        name = f"{printed(shown(Path(error.filename)))}: " if error.filename else ""
        raise click.ClickException(f"{name}{error.strerror}; fix this, then {AGAIN}") from None
    except KeyboardInterrupt:
        click.echo(f"\nstopped: {AGAIN}", err=True)
        raise click.exceptions.Exit(130) from None
