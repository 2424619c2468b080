"""What the relays of deploy/relay/ add to a request, and 200 photos at once through each.

    .venv/bin/python -m bench.relay [--photos 100] [--at-once 200]

Model host, relays and clients share this machine, so 200 at once mostly wait for the model.
"CPU" is what a relay itself uses for each of these 200; it hardly depends on what else runs.
"""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median

import click

from deploy.testing import photos
from deploy.testing.clients import Answer, Client, Door, failures, longest, statuses
from deploy.testing.processes import cpu, family
from deploy.testing.relay import Relay, relays, write_key
from deploy.testing.stack import Stack, running_stack


@click.command()
@click.option("--photos", "count", default=100, show_default=True, help="One after the other.")
@click.option("--at-once", default=200, show_default=True)
def main(count: int, at_once: int) -> None:
    """Upload through each relay and without one."""
    with tempfile.TemporaryDirectory() as model, tempfile.TemporaryDirectory() as relay_folder:
        write_key(Path(model))
        with running_stack(Path(model)) as stack, relays(Path(relay_folder), stack) as relay:
            doors = {"none": stack.url, "PHP": relay.php, "nginx": relay.nginx}
            clients = {name: Client(door(stack, url)) for name, url in doors.items()}
            click.echo("| relay | ms, median | added | at once | the last after, s | CPU, ms |")
            click.echo("|---|---|---|---|---|---|")
            alone = in_turns(clients, photos.portrait(1000), count)
            for name, url in doors.items():
                before = used(relay)
                many = together(door(stack, url), photos.portrait(1000), at_once)
                each = 1000 * (used(relay) - before) / at_once
                ms = alone[name]
                click.echo(
                    f"| {name} | {ms:.0f} | {ms - alone['none']:.0f} | {statuses(many)} |"
                    f" {longest(many):.1f} | {each:.1f} |"
                )


def used(relay: Relay) -> float:
    """Seconds of CPU time that the relays have used."""
    return sum(cpu(process) for started in relay.processes for process in family(started))


def door(stack: Stack, url: str) -> Door:
    """For a Client: the stack's certificate at another port."""
    return Door(stack.certificate, int(url.rpartition(":")[2]))


def in_turns(clients: dict[str, Client], photo: bytes, count: int) -> dict[str, float]:
    """The median milliseconds through each, one request at a time. Raises RuntimeError when one
    fails."""
    answers: dict[str, list[Answer]] = {name: [] for name in clients}
    for _ in range(count):
        for name, client in clients.items():
            answers[name].append(client.upload(photo))
    if failures([each for some in answers.values() for each in some]):
        raise RuntimeError(f"not all were answered: {answers}")
    return {name: 1000 * median(each.seconds for each in some) for name, some in answers.items()}


def together(stack: Door, photo: bytes, count: int) -> Sequence[Answer]:
    """Many at the same time, each from an address of its own."""

    def upload(_number: int) -> Answer:
        with closing(Client(stack)) as client:
            return client.upload(photo)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(upload, range(count)))


if __name__ == "__main__":
    main()
