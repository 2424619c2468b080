"""nginx with the configuration of deploy/balancer/nginx/, in front of any hosts."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.render import DEPLOY
from deploy.testing.clients import Door
from deploy.testing.relay import NGINX
from deploy.testing.waiting import until


@contextmanager
def nginx_balancing(
    folder: Path, certificate: Path, hosts: Sequence[int], key: str, port: int
) -> Iterator[Door]:
    """Run it in `folder`, which is made, until the block ends. `hosts`: their ports on 127.0.0.1,
    the first two. `key`: in their RELAYS."""
    (conf := folder / "conf").mkdir(parents=True)
    user = "user root;\n" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + NGINX.format(folder=folder))
    (folder / "key").write_text(f'proxy_set_header X-Relay-Key "{key}";\n')
    shutil.copy(DEPLOY / "nginx" / "yanling-problems.conf", conf)
    text = (DEPLOY / "balancer" / "nginx" / "yanling-balancer.conf").read_text()
    live = "/etc/letsencrypt/live/face.example.com"
    ours = {
        "10.0.0.11:443": f"127.0.0.1:{hosts[0]}",
        "10.0.0.12:443": f"127.0.0.1:{hosts[1]}",
        "    listen 80;\n": f"    listen unix:{folder}/http.sock;\n",
        "listen 443": f"listen 127.0.0.1:{port}",
        f"{live}/fullchain.pem": str(certificate),
        f"{live}/privkey.pem": str(certificate.with_name("key.pem")),
        "/etc/nginx/hosts.pem": str(certificate),
        "/etc/yanling/relay-key": f"{folder}/key",
        "/var/log/nginx": str(folder),
        "face.example.com": "localhost",
    }
    for old, new in ours.items():
        if old not in text:
            raise ValueError(f"yanling-balancer.conf has no {old!r}")
        text = text.replace(old, new)
    (conf / "balancer.conf").write_text(text)
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    command: list[str | Path] = ["nginx", "-c", folder / "nginx.conf", "-p", folder]
    checked = subprocess.run(
        [*command, "-t"], env=os.environ | path, capture_output=True, text=True
    )
    if checked.returncode or "[warn]" in checked.stderr:
        raise RuntimeError(checked.stderr)
    process = subprocess.Popen(command, env=os.environ | path, stderr=subprocess.DEVNULL)
    try:
        until(lambda: (folder / "nginx.pid").exists() and (folder / "nginx.pid").read_text())
        yield Door(certificate, port)
    finally:
        process.terminate()
        process.wait()
