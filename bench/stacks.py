"""The real stack for measurements: deploy/stack.py with so many workers on such cores."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import machine
from tests.deploy.conftest import Stack, house, running_stack

CHANGES = {
    # one generator is one address: the limits of an address would stop it, not the service
    "deploy/nginx/yanling.conf": lambda text: text.replace("rate=50r/s", "rate=100000r/s"),
}


@contextmanager
def stack(workers: int, lazy: bool = False) -> Iterator[Stack]:
    """With one worker all of it is on one core; with more, on every core. `lazy`: each worker
    loads the model for itself."""

    def processes(text: str) -> str:
        lines = f"processes = {workers}" + "\nlazy-apps = true" * lazy
        return re.sub(r"^processes = .*", lines, text, flags=re.MULTILINE)

    cores = machine.SERVICE if workers == 1 else set(machine.CORES)
    with tempfile.TemporaryDirectory() as name, ExitStack() as until_the_end:
        made = house(Path(name), CHANGES | {"uwsgi.ini": processes})
        with machine.on(cores):
            running = until_the_end.enter_context(running_stack(Path(name) / "stack", made))
        yield running


def supervisord(stack: Stack) -> int:
    """The process that all others of the stack are below."""
    return int(stack.supervisorctl("pid"))


def nginx(stack: Stack) -> int:
    return int(stack.supervisorctl("pid", "nginx"))
