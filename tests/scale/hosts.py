"""Model hosts on one machine: each a stack with its own address, link and share of a core.

Needs root: a host is a network namespace and a control group.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.testing.stack import Stack, running_stack
from deploy.testing.waiting import until

GROUPS = Path("/sys/fs/cgroup")
FIRST = Path("cpu") if (GROUPS / "cpu" / "cpu.cfs_quota_us").exists() else Path()  # version 1 or 2
PERIOD = 100_000  # microseconds
PORT = 8443
SHAPE = "tbf rate 100mbit burst 64kb latency 50ms"


@dataclass(frozen=True)
class Host:
    """`address`: where the balancer finds it. Its processes are those of its control group."""

    address: str
    stack: Stack
    group: Path

    @property
    def place(self) -> str:
        return f"{self.address}:{PORT}"

    def send(self, sign: signal.Signals) -> None:
        """To all its processes, until there are no new ones."""
        sent: set[int] = set()
        while new := processes(self.group) - sent:
            for process in new:
                with suppress(ProcessLookupError):
                    os.kill(process, sign)
            sent |= new

    def kill(self) -> None:
        """As if the power went; but what it had in memory goes here."""
        run = self.stack.run
        self.send(signal.SIGKILL)
        until(lambda: not processes(self.group))
        shutil.rmtree(run)

    def limit(self, cores: float) -> None:
        """How much processor time it gets from now on."""
        quota, file = int(cores * PERIOD), "cpu.cfs_quota_us" if FIRST.name else "cpu.max"
        (self.group / file).write_text(str(quota))


def processes(group: Path) -> set[int]:
    return {int(line) for line in (group / "cgroup.procs").read_text().split()}


@contextmanager
def running_host(folder: Path, certificate: Path, number: int, cores: float) -> Iterator[Host]:
    """Run one in `folder` until the block ends, with one worker. It has `cores` when it is ready.
    `number`: a different one for each, below 256."""
    shutil.copytree(certificate.parent, folder / "tls")
    name = f"yanling-{number}"
    balancer, address = f"198.18.{number}.1", f"198.18.{number}.2"
    settings = {
        "BALANCERS": balancer,
        "BALANCER_LISTEN": f"{address}:{PORT}",
        "UWSGI_OPTIONS": "--processes 1",
    }
    with network(name, balancer, address), control_group(name) as group:
        enter = f'echo $$ > {group}/cgroup.procs && exec nsenter --net=/run/netns/{name} "$@"'
        within = ["sh", "-c", enter, "sh"]
        with running_stack(folder, settings, quiet=True, within=within) as stack:
            host = Host(address, stack, group)
            host.limit(cores)
            try:
                yield host
            finally:
                host.limit(1)  # to end in time
                host.send(signal.SIGCONT)


@contextmanager
def network(name: str, near: str, far: str) -> Iterator[None]:
    """A namespace behind a link of 100 Mbit/s, with the address `far`; ours is `near`."""
    order(f"ip netns add {name}")
    try:
        order(f"ip link add {name} type veth peer name eth0 netns {name}")
        for within, device, address in (("", name, near), (f"-n {name}", "eth0", far)):
            order(f"ip {within} address add {address}/30 dev {device}")
            order(f"ip {within} link set {device} up")
            order(f"tc {within} qdisc add dev {device} root {SHAPE}")
        order(f"ip -n {name} link set lo up")
        yield
    finally:
        order(f"ip netns delete {name}")


@contextmanager
def control_group(name: str) -> Iterator[Path]:
    if not FIRST.name:
        (GROUPS / "cgroup.subtree_control").write_text("+cpu")
    (group := GROUPS / FIRST / name).mkdir()
    try:
        yield group
    finally:
        until(lambda: not processes(group))
        group.rmdir()


def order(command: str) -> None:
    subprocess.run(command.split(), check=True)
