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
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from deploy.stack import make_certificate
from deploy.testing.balancer import Balancer, balancing, write
from deploy.testing.clients import Answer, load
from deploy.testing.photos import portrait
from deploy.testing.ports import free_ports
from deploy.testing.service import ROOT
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


class Trial(NamedTuple):
    balancer: Balancer
    ports: list[int]
    hosts: dict[str, Host]
    answers: list[Answer]
    seconds: float
    cores: float

    def run(self) -> Iterator[Row]:
        east, south, slow = self.hosts["east"], self.hosts["south"], self.cores * SLOW
        drain, ready = partial(self.tell_west, "drain"), partial(self.tell_west, "ready")
        yield self.measure("drained", 0, drain, ready)
        yield self.measure("slow", 0, lambda: east.limit(slow), lambda: east.limit(self.cores))
        # what it had been given is not sent again: at most a photo of each client
        yield self.measure("hung", CLIENTS, lambda: south.send(signal.SIGSTOP), self.resume)
        yield self.measure("killed", CLIENTS, south.kill)
        yield self.measure("added", 0, self.add)

    def measure(
        self, event: str, allowed: int, begin: Callable, end: Callable = lambda: None
    ) -> Row:
        """The answers before `begin`, until `end`, and after it."""
        click.echo(f"{event} ...", err=True)
        seen = len(self.answers)
        before = self.span()
        begin()
        during = self.span()
        end()
        spans = before, during, self.span()
        return Row(event, self.answers[seen:], spans, self.seconds, allowed)

    def span(self) -> list[Answer]:
        seen = len(self.answers)
        time.sleep(self.seconds)
        return self.answers[seen:]

    def tell_west(self, state: str) -> None:
        self.balancer.tell(f"set server yanling/west state {state}")
        until(lambda: self.balancer.count("scur", "west") == 0 or state == "ready")

    def resume(self) -> None:
        self.hosts["south"].send(signal.SIGCONT)
        until(lambda: self.balancer.is_up("south"))

    def add(self) -> None:
        places = {name: self.hosts[name].place for name in ("west", "east", "north")}
        write(self.balancer.folder, places, self.ports)
        os.kill(self.balancer.process, signal.SIGUSR2)  # as systemctl reload haproxy does


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
                trial = Trial(balancer, ports, hosts, answers, seconds, cores)
                rows = list(trial.run())
    text = f"{CLIENTS} clients, three hosts of {cores:g} core each\n\n{report(rows)}\n"
    click.echo(text)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text)
    sys.exit(any(row.missed for row in rows))


if __name__ == "__main__":
    main(prog_name="python -m tests.scale.balancer")
