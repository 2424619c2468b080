"""The real stack, started once: nginx with TLS, supervisord, uWSGI."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from configparser import RawConfigParser
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, free_ports


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str

    def json(self) -> dict:
        return json.loads(self.body)


class Stack:
    """`make stack` in `folder`, seen from outside: its addresses, its logs, its control."""

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
        """The folder in memory."""
        config = RawConfigParser()
        config.read(self.control)
        return Path(config["unix_http_server"]["file"]).parent

    def curl(self, path: str, *options: str | Path, timeout: int = 60) -> Answer:
        """Send one request; `path` may be a whole address."""
        address = self.url + path if path.startswith("/") else path
        command = ["curl", "-sSi", "-m", str(timeout), "--cacert", self.certificate, *options]
        done = subprocess.run([*command, address], capture_output=True, check=True)
        head, _, body = done.stdout.decode().partition("\r\n\r\n")
        while head.split()[1] == "100":  # a large body asks first
            head, _, body = body.partition("\r\n\r\n")
        first, *rest = head.splitlines()
        headers = dict(line.split(": ", 1) for line in rest if ": " in line)
        lower = {name.lower(): value for name, value in headers.items()}
        return Answer(int(first.split()[1]), lower, body)

    def upload(self, photo: Path, *options: str) -> Answer:
        return self.curl("/upload", "-F", f"file=@{photo}", *options)

    def supervisorctl(self, *words: str) -> str:
        command = [Path(sys.executable).parent / "supervisorctl", "-c", self.control, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def master(self) -> int:
        """uWSGI's master process; 0 when it is down."""
        return int(self.supervisorctl("pid", "yanling"))

    def nginx_workers(self) -> set[int]:
        return self.workers(int((self.run / "nginx.pid").read_text()))

    def workers(self, master: int) -> set[int]:
        """The processes that uWSGI's or nginx's `master` has started."""
        children = Path(f"/proc/{master}/task/{master}/children")
        return {int(pid) for pid in children.read_text().split()}

    def is_ready(self) -> bool:
        return self.curl("/readyz").status == 200

    @contextmanager
    def load(self, photo: Path, clients: int = 3) -> Iterator[list[int]]:
        """Upload all the time, from several clients at once; the statuses, in the end."""
        statuses: list[int] = []
        running = True

        def client() -> None:
            while running:
                statuses.append(self.upload(photo).status)

        with ThreadPoolExecutor(clients) as pool:
            futures = [pool.submit(client) for _ in range(clients)]
            try:
                until(lambda: len(statuses) > clients)
                yield statuses
            finally:
                running = False
        for future in futures:
            future.result()


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def running_stack(folder: Path, house: Path = ROOT) -> Iterator[Stack]:
    """`make stack` in `folder`, from the checkout `house`, until the end of the block."""
    https, http, metrics = free_ports(3)
    command = [sys.executable, house / "deploy" / "stack.py", folder]
    command += ["--https-port", str(https), "--http-port", str(http)]
    command += ["--metrics-port", str(metrics)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("YANLING_")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout
        logs = folder / "logs"
        assert process.stdout.readline().startswith("ready"), f"no stack; see {logs}"
        stack = Stack(folder, https, http, metrics)
        run = stack.run
        yield stack
    finally:
        process.terminate()
        process.communicate()
    assert not run.exists(), "the folder in memory outlived the stack"


def house(folder: Path, changes: dict[str, Callable[[str], str]]) -> Path:
    """A checkout in `folder` whose files are `changes` away from ours."""
    made = folder / "house"
    shutil.copytree(ROOT / "deploy", made / "deploy")
    shutil.copy(ROOT / "uwsgi.ini", made)
    for name in (".venv", "app", "model"):
        (made / name).symlink_to(ROOT / name)
    for file, change in changes.items():
        before = (made / file).read_text()
        (made / file).write_text(change(before))
        assert (made / file).read_text() != before
    return made


@pytest.fixture(scope="session")
def stack(tmp_path_factory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def portrait_file(portrait: bytes, tmp_path_factory) -> Path:
    """A portrait under a name that must not turn up anywhere."""
    file = tmp_path_factory.mktemp("photos") / "private-name.jpg"
    file.write_bytes(portrait)
    return file
