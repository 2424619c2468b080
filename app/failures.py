"""What ends a run of `estimate`, each in one sentence."""

from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import click

from app.bulk import ClusterError
from app.folder import printed, shown
from app.journal import JournalError
from app.parts import PartsError
from model.engine import WeightsError

AGAIN = "run the same command again to continue"


class Refused(Exception):
    """A run that cannot be; the message says why."""


@contextmanager
def one_sentence() -> Iterator[None]:
    """Whatever ends a run from outside ends it with one sentence."""
    try:
        yield
    except (Refused, JournalError, PartsError, WeightsError, ImportError) as error:
        raise click.ClickException(str(error)) from None
    except ClusterError as error:
        raise click.ClickException(f"{error}: {AGAIN}") from None
    except BrokenProcessPool:
        what = "a worker was killed, perhaps for lack of memory"
        raise click.ClickException(f"{what}: {AGAIN}, with fewer --workers") from None
    except OSError as error:
        name = f"{printed(shown(Path(error.filename)))}: " if error.filename else ""
        raise click.ClickException(
            f"{name}{error.strerror or error}; fix this, then {AGAIN}"
        ) from None
    except KeyboardInterrupt:
        click.echo(f"\nstopped: {AGAIN}", err=True)
        raise click.exceptions.Exit(130) from None
