"""nginx with the configurations of deploy/balancer/nginx/, in front of any hosts."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.render import DEPLOY
from deploy.testing.clients import Door
from deploy.testing.relay import NGINX, key_of
from deploy.testing.stack import Stack
from deploy.testing.waiting import until

FILES = DEPLOY / "balancer" / "nginx"


@contextmanager
def nginx_balancing(folder: Path, host: Stack, ports: Sequence[int], port: int) -> Iterator[Door]:
    """Run it in `folder`, which is made, until the block ends. `ports`: of two hosts on 127.0.0.1.
    `host` gives its certificate and a relay's key to all, and its metrics at `folder`/metrics."""
    (conf := folder / "conf").mkdir(parents=True)
    user = "user root;\n" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + NGINX.format(folder=folder))
    (folder / "key").write_text(f'proxy_set_header X-Relay-Key "{key_of(host)}";\n')
    shutil.copy(DEPLOY / "nginx" / "yanling-problems.conf", conf)
    write(conf, "yanling-balancer.conf", balancer(folder, host, ports, port))
    metrics = {
        "10.0.0.11:9146": f"unix:{folder}/metrics",
        "allow 10.0.0.10": "allow unix:",
        "http://127.0.0.1:9145": host.inside,
    }
    write(conf, "yanling-metrics.conf", metrics)
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    command: list[str | Path] = ["nginx", "-c", folder / "nginx.conf", "-p", folder]
    environment = os.environ | path
    checked = subprocess.run([*command, "-t"], env=environment, capture_output=True, text=True)
    if checked.returncode or "[warn]" in checked.stderr:
        raise RuntimeError(checked.stderr)
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        until((folder / "nginx.pid").read_text)  # `nginx -t` has made it, empty
        yield Door(host.certificate, port)
    finally:
        process.terminate()
        process.wait()


def balancer(folder: Path, host: Stack, ports: Sequence[int], port: int) -> dict[str, str]:
    """What an operator writes into yanling-balancer.conf."""
    live = "/etc/letsencrypt/live/face.example.com"
    return {
        "10.0.0.11:443": f"127.0.0.1:{ports[0]}",
        "10.0.0.12:443": f"127.0.0.1:{ports[1]}",
        "listen 80;": f"listen unix:{folder}/http;",
        "listen 443": f"listen 127.0.0.1:{port}",
        f"{live}/fullchain.pem": str(host.certificate),
        f"{live}/privkey.pem": str(host.certificate.with_name("key.pem")),
        "/etc/nginx/hosts.pem": str(host.certificate),
        "/etc/yanling/relay-key": f"{folder}/key",
        "/var/log/nginx": str(folder),
        "face.example.com": "localhost",
    }


def write(conf: Path, name: str, values: dict[str, str]) -> None:
    text = (FILES / name).read_text()
    for old, new in values.items():
        if old not in text:
            raise ValueError(f"{name} has no {old!r}")
        text = text.replace(old, new)
    (conf / name).write_text(text)
