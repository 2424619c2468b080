"""Load from wrk (Debian's package), and the CPU time that it took in each part."""

import json
import re
import resource
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import machine
from bench.photos import content_type
from deploy.testing.processes import cpu, family
from deploy.testing.stack import Stack

SCRIPT = Path(__file__).with_suffix(".lua")
SPENT = re.compile(r'^yanling_request_seconds_(sum|count)\{route="/v1/faces"\} (\S+)$', re.M)


@dataclass(frozen=True)
class Load:
    """`requests` answered in `seconds`, of them `refused` with an error status; `broken`
    connections; latencies in ms; `inside`: mean ms in the service itself; `cpu`: seconds of CPU
    time of uWSGI, nginx and wrk; see `spent`."""

    requests: int
    seconds: float
    refused: int
    broken: int
    mean: float
    median: float
    p99: float
    inside: float
    cpu: dict[str, float]

    @property
    def failed(self) -> int:
        return self.refused + self.broken

    @property
    def rate(self) -> float:
        """Photos estimated per second."""
        return (self.requests - self.refused) / self.seconds


def load(stack: Stack, photo: bytes, clients: int, seconds: int, cores: set[int]) -> Load:
    """`clients` post the photo without pause, from these cores.

    Raises RuntimeError when wrk fails."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(photo)
        file.flush()
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s"]
        command += ["-s", str(SCRIPT), f"{stack.url}/v1/faces"]
        command += ["--", file.name, content_type(photo)]
        count, busy = inside(stack)
        masters = {"uWSGI": stack.master(), "nginx": stack.nginx()}
        begun = used(masters)
        with machine.on(cores):
            done = subprocess.run(command, capture_output=True, text=True)
        ended = used(masters)
    if done.returncode:
        raise RuntimeError(f"wrk: {done.stdout} {done.stderr}")
    later, more = inside(stack)
    return Load(
        **json.loads(done.stderr),
        inside=1000 * (more - busy) / (later - count),
        cpu=spent(begun, ended),
    )


def inside(stack: Stack) -> tuple[int, float]:
    """The number of requests that the service has answered, and its seconds for them. This request
    queues too, so those that wrk abandoned are done when it is answered."""
    found = dict(SPENT.findall(stack.curl(f"{stack.inside}/metrics").body))
    return int(float(found.get("count", 0))), float(found.get("sum", 0))


@dataclass(frozen=True)
class Used:
    """CPU `seconds` so far of these `processes`."""

    seconds: float
    processes: set[int]


def used(masters: dict[str, int]) -> dict[str, Used]:
    """By each of these processes with its descendants, and by wrk."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    families = {name: set(family(master)) for name, master in masters.items()}
    by_name = {name: Used(sum(map(cpu, members)), members) for name, members in families.items()}
    return by_name | {"wrk": Used(children.ru_utime + children.ru_stime, set())}


def spent(begun: dict[str, Used], ended: dict[str, Used]) -> dict[str, float]:
    """CPU seconds meanwhile, without those of which a process has ended: nobody knows what its
    children had used."""
    return {
        name: after.seconds - begun[name].seconds
        for name, after in ended.items()
        if begun[name].processes <= after.processes
    }
