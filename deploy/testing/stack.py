"""The real stack: nginx with TLS, supervisord and uWSGI, as `make stack` starts them."""

import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from configparser import RawConfigParser
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.testing import processes
from deploy.testing.ports import free_ports
from deploy.testing.service import BIN, ROOT, clean_environment
from deploy.testing.waiting import until


@dataclass(frozen=True)
class Answer:
    """What curl received; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: str

    def json(self) -> dict:
        return json.loads(self.body)


class Stack:
    """A running stack in `folder`: its addresses, logs and processes."""

    def __init__(self, folder: Path, https_port: int, http_port: int, metrics_port: int):
        self.https_port = https_port
        self.url = f"https://localhost:{https_port}"
        self.http = f"http://localhost:{http_port}"
        self.inside = f"http://127.0.0.1:{metrics_port}"
        self.certificate = folder / "tls" / "certificate.pem"
        self.logs = folder / "logs"
        self.control = folder / "supervisor" / "stack.conf"

    @property
    def run(self) -> Path:
        """The folder in memory (RUN in site.env)."""
        config = RawConfigParser()
        config.read(self.control)
        return Path(config["unix_http_server"]["file"]).parent

    @property
    def service(self) -> Path:
        """The folder in it that is the service's own: uWSGI's socket, the spool, the counters."""
        return self.run / "service"

    def curl(self, path: str, *options: str | Path, timeout: int = 120) -> Answer:
        """Send one request; `path` may be a whole address. Raises CalledProcessError."""
        address = self.url + path if path.startswith("/") else path
        command = ["curl", "-sSi", "-m", str(timeout), "--cacert", str(self.certificate)]
        command += [*map(str, options), address]
        done = subprocess.run(command, capture_output=True, check=True)
        head, _, body = done.stdout.decode().partition("\r\n\r\n")
        while head.split()[1] == "100":  # Continue: curl asks before it sends a large body
            head, _, body = body.partition("\r\n\r\n")
        first, *rest = head.splitlines()
        headers = dict(line.split(": ", 1) for line in rest if ": " in line)
        lower = {name.lower(): value for name, value in headers.items()}
        return Answer(int(first.split()[1]), lower, body)

    @contextmanager
    def connect(self, source: str = "127.0.0.1", timeout: float = 60) -> Iterator[ssl.SSLSocket]:
        """A TLS connection from the address `source`."""
        trust = ssl.create_default_context(cafile=self.certificate)
        plain = socket.create_connection(("127.0.0.1", self.https_port), timeout, (source, 0))
        with trust.wrap_socket(plain, server_hostname="localhost") as tls:
            yield tls

    def upload(self, photo: Path, *options: str) -> Answer:
        return self.curl("/upload", "-F", f"file=@{photo}", *options)

    def supervisorctl(self, *words: str) -> str:
        command = [str(BIN / "supervisorctl"), "-c", str(self.control), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def supervisord(self) -> int:
        """The ancestor of all processes of the stack."""
        return int((self.run / "supervisord.pid").read_text())

    def master(self) -> int:
        """uWSGI's master process; 0 while there is none."""
        started = processes.children(self.supervisord())
        return next((pid for pid in started if "/uwsgi --ini" in processes.command(pid)), 0)

    def workers(self) -> set[int]:
        """uWSGI's worker processes; none without a master."""
        return processes.children(self.master())

    def nginx(self) -> int:
        """nginx's master process."""
        return int((self.run / "nginx.pid").read_text())

    def wait_for_start(self) -> None:
        """Until supervisor counts everything as started: only then does it restart what dies, and
        all that a start logs has been written."""
        until(lambda: "STARTING" not in self.supervisorctl("status"))

    def is_ready(self) -> bool:
        return self.curl("/readyz").status == 200

    def reload(self) -> None:
        """Order a reload as operators do, by touching a file."""
        (self.run / "reload").touch()


@contextmanager
def running_stack(
    folder: Path,
    settings: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    quiet: bool = False,
    within: Sequence[str] = (),
) -> Iterator[Stack]:
    """Run `make stack` in `folder` until the block ends.

    `settings`: values of deploy/site.env by name. `environment`: variables for every process of
    the stack. `quiet`: discard supervisord's messages. `within`: a command that runs another one,
    such as `nsenter --net=FILE`. Raises RuntimeError when the stack does not
    start or leaves its folder in memory behind.
    """
    https, http, metrics = free_ports(3)
    ports = {"--https-port": https, "--http-port": http, "--metrics-port": metrics}
    options = [f"{name}={port}" for name, port in ports.items()]
    options += [f"--set={name}={value}" for name, value in (settings or {}).items()]
    options += [f"--env={name}={value}" for name, value in (environment or {}).items()]
    process = subprocess.Popen(
        [*within, sys.executable, "-m", "deploy.stack", folder, *options],
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        text=True,
    )
    try:
        assert process.stdout
        if not process.stdout.readline().startswith("ready"):
            raise RuntimeError(f"the stack did not start, see {folder / 'logs' / 'yanling.log'}")
        stack = Stack(folder, https, http, metrics)
        run = stack.run
        yield stack
    finally:
        process.terminate()
        process.communicate()
    if run.exists():
        raise RuntimeError(f"the stack left its folder in memory behind: {run}")
