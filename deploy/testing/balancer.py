"""HAProxy with the configuration of deploy/balancer/, in front of any hosts."""

import csv
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.render import DEPLOY
from deploy.testing.clients import Door
from deploy.testing.waiting import until

FILES = DEPLOY / "balancer"
NAME = "localhost"  # of every host and its certificate


@dataclass(frozen=True)
class Balancer(Door):
    """A running HAProxy that keeps its files in `folder`."""

    folder: Path = Path()
    process: int = 0
    http_port: int = 0
    inside: str = ""  # the address of its metrics

    def tell(self, order: str) -> str:
        """What HAProxy answers on its control socket, such as to `show info`."""
        with closing(socket.socket(socket.AF_UNIX)) as control:
            control.connect(str(self.folder / "admin.sock"))
            control.sendall(f"{order}\n".encode())
            return b"".join(iter(lambda: control.recv(65536), b"")).decode()

    def state(self, host: str) -> dict[str, str]:
        """The host's row of HAProxy's statistics: `status`, `stot` (requests so far), `scur` (those
        of now), `wredis` (sent elsewhere instead), `hrsp_5xx`..."""
        table = csv.DictReader(self.tell("show stat").lstrip("# ").splitlines())
        return next(row for row in table if (row["pxname"], row["svname"]) == ("yanling", host))

    def count(self, column: str, host: str) -> int:
        return int(self.state(host)[column] or 0)

    def is_up(self, host: str) -> bool:
        return self.state(host)["status"].startswith("UP")

    def answered(self) -> list[str]:
        """A line of the log for each request that has ended."""
        return [line for line in self.log.read_text().splitlines() if line.startswith("{")]

    @property
    def log(self) -> Path:
        return self.folder / "haproxy.log"


def write(
    folder: Path,
    hosts: Mapping[str, str],
    ports: Sequence[int],
    address: str = "127.0.0.1",
    changes: Mapping[str, str] | None = None,
) -> Path:
    """The configuration, for hosts by name and `address:port`. The folder has public.pem and
    hosts.pem. `ports`: of HTTPS, HTTP and metrics. `changes`: parts of it to replace."""
    https, http, metrics = ports
    text = (FILES / "haproxy.cfg").read_text()
    head, _, rest = text.partition("    server west")
    lines = "".join(f"    server {host} {place}\n" for host, place in hosts.items())
    text = head + lines + rest.partition("\n\n")[1] + rest.partition("\n\n")[2]
    ours = {
        "    user haproxy\n    group haproxy\n    chroot /var/lib/haproxy\n": "",
        "maxconn 20000": "maxconn 4000",  # file handles
        "abns@yanling": f"abns@yanling-{https}",
        "log /dev/log local0": "log stdout format raw local0",
        "/run/haproxy/admin.sock": f"{folder}/admin.sock",
        "/etc/haproxy/refusals.lua": f"{FILES}/refusals.lua",
        "/etc/haproxy/": f"{folder}/",
        "face.example.com": NAME,
        "bind :::80 v4v6": f"bind {address}:{http}",
        "bind :::443 v4v6": f"bind {address}:{https}",
        "127.0.0.1:8405": f"127.0.0.1:{metrics}",
    }
    for old, new in (ours | dict(changes or {})).items():
        if old not in text:
            raise ValueError(f"haproxy.cfg has no {old!r}")
        text = text.replace(old, new)
    (config := folder / "haproxy.cfg").write_text(text)
    return config


def place_certificate(folder: Path, certificate: Path) -> None:
    """One certificate for clients and hosts alike; its key lies beside it."""
    shutil.copy(certificate, folder / "hosts.pem")
    both = certificate.read_text() + certificate.with_name("key.pem").read_text()
    (folder / "public.pem").write_text(both)


@contextmanager
def balancing(
    folder: Path,
    certificate: Path,
    hosts: Mapping[str, str],
    ports: Sequence[int],
    address: str = "127.0.0.1",
    network: int = 127,
    changes: Mapping[str, str] | None = None,
    within: Sequence[str] = (),
) -> Iterator[Balancer]:
    """Run HAProxy in `folder` until the block ends; see `write`. `within`: see `running_stack`."""
    place_certificate(folder, certificate)
    config = write(folder, hosts, ports, address, changes)
    with (folder / "haproxy.log").open("wb") as log:
        command: list[str | Path] = [*within, "haproxy", "-W", "-f", config]
        path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
        process = subprocess.Popen(command, env=os.environ | path, stdout=log, stderr=log)
    try:
        door = "localhost" if address == "127.0.0.1" else address
        https, http, metrics = ports
        inside = f"http://127.0.0.1:{metrics}"
        balancer = Balancer(certificate, https, door, network, folder, process.pid, http, inside)

        def is_up() -> bool:
            if process.poll() is not None:
                raise RuntimeError(f"HAProxy did not start: {balancer.log.read_text()}")
            return (folder / "admin.sock").exists()

        until(is_up)
        yield balancer
    finally:
        process.terminate()
        process.wait()
