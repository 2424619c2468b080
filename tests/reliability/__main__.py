"""Measure what faults and floods do to the real stack, about an hour with the soak.

Prints a Markdown table of what was measured and what is allowed, and saves it. Exit status 1 when
a limit was missed. Needs root.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from deploy.testing.service import ROOT
from deploy.testing.stack import Stack, running_stack
from deploy.testing.waiting import until
from model.processor import cores
from tests.reliability import attacks, faults, floods, front, hangs, host, models
from tests.reliability.results import Finding, report

Fault = Callable[[Stack], Finding]


def kinds(folder: Path, quick: bool = False, requests: int | None = None) -> dict[str, Fault]:
    """Name -> what to do to the stack, in this order."""
    span = 10 if quick else 30
    return {
        "worker": partial(faults.killed_workers, times=10 if quick else 50),
        "master": faults.killed_master,
        "places": partial(front.killed_nginx_workers, times=3 if quick else 10),
        "reload": faults.reload,
        "stop": faults.stop,
        "hang": faults.hung_worker,
        "idle": hangs.idle_workers,
        "stuck": hangs.stuck_reload,
        "frozen": hangs.uwsgi_master,
        "nginx": hangs.nginx,
        "sick": faults.sick,
        "weights": partial(faults.broken_models, files=models.files(folder)),
        "logs": faults.lost_logs,
        "spool": partial(faults.full_spool, spool=folder / "spool"),
        "disk": partial(host.full_logs, seconds=5 if quick else 20),
        "bodies": floods.full_bodies,
        "clock": lambda _: host.jumping_clock(folder / "clock"),
        "overload": partial(floods.overload, seconds=15 if quick else 60),
        "slow": partial(floods.slow_clients, seconds=10 if quick else 60),
        "uploads": partial(floods.slow_uploads, seconds=10 if quick else 60),
        "dear": partial(attacks.attack, name="dear photos from one address", seconds=span),
        "few": partial(attacks.attack, name="dear photos from four addresses", seconds=span),
        "forms": partial(attacks.attack, name="forms of 10 MB from one address", seconds=span),
        "trickle": partial(attacks.slow_bodies, seconds=span),
        "soak": partial(floods.soak, requests=requests or (1500 if quick else 20_000)),
    }


NAMES = list(kinds(Path()))
ONLY = f"One of {', '.join(NAMES)}; may be repeated."


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="Fewer and shorter: five minutes.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), metavar="NAME", help=ONLY)
@click.option("--requests", type=int, help="Of the soak.  [default: 20000; --quick: 1500]")
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "var" / "reliability.md")
def main(quick: bool, only: tuple[str, ...], requests: int | None, out: Path) -> None:
    findings = []
    with tempfile.TemporaryDirectory() as name, breakable_stack(Path(name)) as stack:
        every = kinds(Path(name), quick, requests)
        for number, fault in enumerate(names := only or NAMES, 1):
            click.echo(f"[{number}/{len(names)}] {fault} ...", err=True)
            until(stack.is_ready)
            findings.append(finding(fault, every[fault], stack))
    text = f"{cores()} cores, {cores()} workers\n\n{report(findings)}\n"
    click.echo(text)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text)
    sys.exit(any(finding.missed for finding in findings))


def finding(name: str, fault: Fault, stack: Stack) -> Finding:
    """What the fault did; a stack that does not recover is one miss and no reason to stop."""
    try:
        return fault(stack)
    except TimeoutError:
        return Finding(name, {"recoveries awaited in vain": (1, 0)})


@contextmanager
def breakable_stack(folder: Path) -> Iterator[Stack]:
    """`make stack` with model files in `folder`, and with spool, logs and nginx's bodies on small
    file systems there. Workers are not renewed, because the soak compares their memory."""
    models.copy(folder)
    settings = models.settings(folder) | {
        "SPOOL": folder / "spool" / "photos",
        "BODIES": folder / "bodies",
        "UWSGI_OPTIONS": "--max-requests 0",
    }
    with (
        small(folder / "spool", "8m"),
        small(folder / "bodies", "32m"),
        small(folder / "stack", "32m"),
        # supervisord complains on stderr of each line that it cannot log
        running_stack(folder / "stack", settings, models.environment(folder), quiet=True) as stack,
    ):
        yield stack


@contextmanager
def small(folder: Path, size: str) -> Iterator[None]:
    """Mount a file system of this size, which can be filled."""
    folder.mkdir(mode=0o700, parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder]).returncode:
        raise click.ClickException("Spool, logs and bodies get small file systems: run as root.")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


if __name__ == "__main__":
    main(prog_name="python -m tests.reliability")
