"""Load from wrk (Debian's package), and what it cost whom."""

import json
import re
import resource
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import machine
from bench.photos import content_type
from bench.processes import cpu
from bench.stacks import nginx
from tests.deploy.conftest import Stack

SCRIPT = Path(__file__).with_suffix(".lua")
SPENT = re.compile(r'^yanling_request_seconds_(sum|count)\{route="/v1/faces"\} (\S+)$', re.M)


@dataclass(frozen=True)
class Load:
    """`requests` in `seconds`, of which some were `refused` or their connection `broken`; their
    latencies in ms; `inside`: mean ms in the service itself; CPU seconds by who used them."""

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
        """Photos answered a second."""
        return (self.requests - self.refused) / self.seconds


def load(stack: Stack, photo: bytes, clients: int, seconds: int, cores: set[int]) -> Load:
    """Have `clients` post the photo without pause, from these cores.

    Raises RuntimeError when wrk fails."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(photo)
        file.flush()
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s"]
        command += ["-s", str(SCRIPT), f"{stack.url}/v1/faces"]
        command += ["--", file.name, content_type(photo)]
        count, spent = inside(stack)
        masters = {"uWSGI": stack.master(), "nginx": nginx(stack)}
        begun = used(masters)
        with machine.on(cores):
            done = subprocess.run(command, capture_output=True, text=True)
        ended = used(masters)
    if done.returncode:
        raise RuntimeError(f"wrk: {done.stdout} {done.stderr}")
    later, more = inside(stack)
    return Load(
        **json.loads(done.stderr),
        inside=1000 * (more - spent) / (later - count),
        cpu={who: ended[who] - begun[who] for who in ended},
    )


def inside(stack: Stack) -> tuple[int, float]:
    """How many requests the service has answered, and its seconds for them. Waits in the queue
    itself, so that after it nobody is served who has left."""
    found = dict(SPENT.findall(stack.curl(f"{stack.inside}/metrics").body))
    return int(float(found.get("count", 0))), float(found.get("sum", 0))


def used(masters: dict[str, int]) -> dict[str, float]:
    """CPU seconds so far, of these processes with their children and of wrk."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = {name: cpu(master) for name, master in masters.items()}
    return seconds | {"wrk": children.ru_utime + children.ru_stime}
