"""The service alone: uWSGI speaks HTTP itself, without nginx and supervisord."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.testing.processes import children, command
from deploy.testing.waiting import until

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def clean_environment() -> dict[str, str]:
    """Our environment without YANLING_… settings that the developer may have exported."""
    return {name: value for name, value in os.environ.items() if not name.startswith("YANLING_")}


@contextmanager
def serving(port: int, spool: Path | None = None) -> Iterator[str]:
    """Serve on this port until the block ends; yields the address. `spool`: None for the default,
    which is removed afterwards.

    Raises RuntimeError when the service stops instead, and TimeoutError.
    """
    url = f"http://127.0.0.1:{port}"
    command: list[str | Path] = [BIN / "uwsgi", "--ini", ROOT / "uwsgi.ini"]
    command += ["--http-socket", url.removeprefix("http://")]
    environment = clean_environment() | ({"YANLING_SPOOL": str(spool)} if spool else {})
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)

    def is_up() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"the service stopped with exit status {process.returncode}")
        return is_ready(url)

    try:
        until(is_up)
        yield url
    finally:
        process.terminate()
        process.wait()
        for folder in Path("/dev/shm").glob(f"yanling-{os.getuid()}-127.0.0.1-{port}*"):
            shutil.rmtree(folder)


def master(url: str) -> int:
    """The process id of the uWSGI master that this process has started for `url`."""
    commands = {each: command(each) for each in children(os.getpid())}
    (found,) = (each for each, line in commands.items() if "uwsgi.ini" in line and url[7:] in line)
    return found


def is_ready(url: str) -> bool:
    """Whether `url`/readyz answers 200."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=60) as reply:
            return reply.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
