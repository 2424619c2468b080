"""The command `estimate`: a folder of photos into one table. docs/estimate.md describes it."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click

from app import batch, journal, writers
from app.folder import Listing, listing, shown
from model.engine import WeightsError
from model.processor import cores

AGAIN = "run the same command again to continue"


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
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
    default=cores(),
    show_default="one per core that may be used",
    help="Number of worker processes.",
)
@click.option("--restart", is_flag=True, help="Begin again instead of resuming.")
def estimate(folder: Path, out: Path, workers: int, restart: bool) -> None:
    """Estimate every photo in FOLDER and its subfolders. An interrupted run is resumed."""
    if out.suffix.lower() not in writers.WRITERS:
        raise click.BadParameter(f"must end in {', '.join(writers.WRITERS)}", param_hint="--out")
    if out.suffix.lower() == ".parquet" and not find_spec("pyarrow"):
        raise click.ClickException("Parquet needs another package: pip install pyarrow")
    with _one_sentence():
        _run(folder, out, workers, restart)


def _run(folder: Path, out: Path, workers: int, restart: bool) -> None:
    _refuse_to_replace(out)
    unfinished = out.with_name(f"{out.name}.unfinished")
    found = listing(folder, unfinished)
    for name, reason in found.closed.items():
        click.echo(f"cannot open {name!r}: {reason}", err=True)
    lines: list[dict] = []
    photos: list[dict] = []
    if found.files:
        out.parent.mkdir(parents=True, exist_ok=True)
        with journal.opened(unfinished, journal.made_from(folder), restart) as record:
            _refuse_to_replace(out)  # the run that had the journal may just have finished
            _complete(record, found, workers)
            lines = [record.entries[name]["line"] for name in found.files]
            if photos := [line for line in lines if "other" not in line]:
                writers.write(photos, out)
            unfinished.unlink()
    click.echo(_left_out(found, lines), nl=False)
    if not photos:
        raise click.ClickException(f"no photos in {shown(folder)}")
    click.echo(_summary(out, photos))


def _refuse_to_replace(out: Path) -> None:
    if out.exists():
        raise click.ClickException(f"{shown(out)} already exists: move it or choose another --out")


def _complete(record: journal.Journal, found: Listing, workers: int) -> None:
    """Estimate what the journal lacks: new files, and those that were replaced."""
    remaining = {
        name: file.path
        for name, file in found.files.items()
        if file.stamp is None or record.stamp(name) != file.stamp
    }
    done = len(found.files) - len(remaining)
    click.echo(f"{len(found.files)} files" + (f", {done} already done" if done else ""))
    with click.progressbar(length=len(remaining), label="estimating", show_pos=True) as bar:
        for _ in batch.estimate(remaining, record, workers):
            bar.update(1)


def _left_out(found: Listing, lines: list[dict]) -> str:
    """A sentence about what has no row in the table."""
    kinds = Counter(line["other"] or "no ending" for line in lines if "other" in line)
    counts = {
        "hidden or system": found.hidden,
        "neither file nor folder": found.special,
        "not a picture": kinds.total(),
    }
    said = [f"{count} {what}" for what, count in counts.items() if count]
    if kinds:
        said[-1] += f" ({', '.join(f'{count} {kind}' for kind, count in kinds.most_common())})"
    return f"left out: {', '.join(said)}\n" if said else ""


def _summary(out: Path, photos: list[dict]) -> str:
    faces = sum(len(line.get("faces", [])) for line in photos)
    refused = sum("error" in line for line in photos)
    crowds = [left for line in photos if (left := line.get("faces_not_judged"))]
    text = f"{shown(out)}: {len(photos)} photos, {faces} faces"
    if crowds:
        text += f"; {sum(crowds)} more faces in {len(crowds)} photos not judged: too many in one"
    return f"{text}; {refused} photos refused, each with its error code" if refused else text


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Whatever ends a run from outside ends it with one sentence."""
    try:
        yield
    except (journal.JournalError, WeightsError) as error:
        raise click.ClickException(str(error)) from None
    except BrokenProcessPool:
        what = "a worker was killed, perhaps for lack of memory"
        raise click.ClickException(f"{what}: {AGAIN}, with fewer --workers") from None
    except OSError as error:
        name = f"{shown(Path(error.filename))}: " if error.filename else ""
        raise click.ClickException(f"{name}{error.strerror}; fix this, then {AGAIN}") from None
    except KeyboardInterrupt:
        click.echo(f"\nstopped: {AGAIN}", err=True)
        raise click.exceptions.Exit(130) from None
