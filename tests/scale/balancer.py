"""What clients see while hosts behind HAProxy fail, come and go; seven minutes.

Three hosts under steady load: one is drained, one slow, one hangs, one is killed, one is added.
Prints a Markdown table and saves it. Exit status 1 when a limit was missed. Needs root.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from deploy.stack import make_certificate
from deploy.testing.balancer import Balancer, balancing, write
from deploy.testing.clients import Answer, load
from deploy.testing.photos import portrait
from deploy.testing.service import ROOT, free_ports
from deploy.testing.waiting import until
from tests.scale.hosts import Host, running_host
from tests.scale.row import Row, report

CLIENTS = 12
PAUSE = 1.0  # seconds between an answer and its client's next photo
NAMES = ["west", "east", "south", "north"]  # north is added
SLOW = 0.1  # of its usual share of a core


@contextmanager
def four_hosts(folder: Path, cores: float) -> Iterator[dict[str, Host]]:
    certificate = folder / "tls" / "certificate.pem"
    make_certificate(certificate, certificate.with_name("key.pem"))
    with ExitStack() as running:
        hosts = {}
        for number, name in enumerate(NAMES, 1):
            click.echo(f"{name} starts ...", err=True)
            host = running_host(folder / name, certificate, number, cores)
            hosts[name] = running.enter_context(host)
        yield hosts


def measure(
    event: str,
    answers: list[Answer],
    seconds: float,
    allowed: int,
    begin: Callable[[], object],
    end: Callable[[], object] = lambda: None,
) -> Row:
    """The answers of three times so long: before `begin`, until `end`, and after it."""
    click.echo(f"{event} ...", err=True)

    def span() -> list[Answer]:
        seen = len(answers)
        time.sleep(seconds)
        return answers[seen:]

    before = span()
    begin()
    during = span()
    seen = len(answers)
    end()
    recovering = answers[seen:]  # counted, but in no rate
    after = span()
    return Row(event, [before, during, after, recovering], seconds, allowed)


def trial(
    balancer: Balancer,
    ports: list[int],
    hosts: dict[str, Host],
    answers: list[Answer],
    seconds: float,
    cores: float,
) -> Iterator[Row]:
    east, south = hosts["east"], hosts["south"]

    def state(word: str) -> None:
        balancer.tell(f"set server yanling/west state {word}")
        until(lambda: balancer.count("scur", "west") == 0 or word == "ready")

    def resume() -> None:
        south.send(signal.SIGCONT)
        until(lambda: balancer.is_up("south"))

    def add() -> None:
        places = {name: hosts[name].place for name in ("west", "east", "north")}
        write(balancer.folder, places, ports)
        os.kill(balancer.process, signal.SIGUSR2)  # as systemctl reload haproxy does

    yield measure("drained", answers, seconds, 0, lambda: state("drain"), lambda: state("ready"))
    slow = cores * SLOW
    yield measure("slow", answers, seconds, 0, lambda: east.limit(slow), lambda: east.limit(cores))
    # what it had been given is not sent again: at most a photo of each client
    stop = signal.SIGSTOP
    yield measure("hung", answers, seconds, CLIENTS, lambda: south.send(stop), resume)
    yield measure("killed", answers, seconds, CLIENTS, south.kill)
    yield measure("added", answers, seconds, 0, add)


@click.command(help=__doc__)
@click.option("--seconds", default=20, show_default=True, help="Before, during and after an event.")
@click.option("--cores", default=0.4, show_default=True, help="Of a host.")
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "var" / "scale.md")
def main(seconds: int, cores: float, out: Path) -> None:
    if os.getuid():
        raise click.ClickException("The hosts get networks of their own: run as root.")
    ports = free_ports(3)
    with tempfile.TemporaryDirectory() as name, four_hosts(Path(name), cores) as hosts:
        (folder := Path(name) / "haproxy").mkdir()
        first = {name: hosts[name].place for name in NAMES[:3]}
        certificate = Path(name) / "tls" / "certificate.pem"
        with balancing(folder, certificate, first, ports) as balancer:
            until(lambda: all(map(balancer.is_up, first)))
            with load(balancer, [portrait(200)], CLIENTS, PAUSE) as answers:
                rows = list(trial(balancer, ports, hosts, answers, seconds, cores))
    text = f"{CLIENTS} clients, three hosts of {cores:g} core each\n\n{report(rows)}\n"
    click.echo(text)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text)
    sys.exit(any(row.missed for row in rows))


if __name__ == "__main__":
    main(prog_name="python -m tests.scale.balancer")
