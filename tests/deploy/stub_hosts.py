"""Hosts that a balancer reaches and that answer as told: an nginx for each, without a service."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.testing.waiting import until

CONFIG = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/json;
    server {{
        listen 127.0.0.1:{port} ssl{protocol};
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location = /readyz {{ return {ready}; }}
        location / {{ return {upload}; }}
    }}
}}
"""
WELL = "200 '{\"faces\":[]}'"
BUSY = '503 \'{"code":"busy"}\''
BREAKS_OFF = "444"


@contextmanager
def stub(
    folder: Path, port: int, certificate: Path, upload: str = WELL, ready: int = 200,
    protocol: str = " proxy_protocol",
) -> Iterator[subprocess.Popen]:  # fmt: skip
    """A process that answers uploads with `upload` and the check with `ready`. It may be killed or
    stopped."""
    folder.mkdir()
    values = {"certificate": certificate, "key": certificate.with_name("key.pem")}
    text = CONFIG.format(
        folder=folder, port=port, upload=upload, ready=ready, protocol=protocol, **values
    )
    (folder / "nginx.conf").write_text(text)
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    command = ["nginx", "-e", "stderr", "-c", folder / "nginx.conf"]
    process = subprocess.Popen(command, env=os.environ | path, stderr=subprocess.DEVNULL)
    try:
        until((folder / "nginx.pid").exists)
        yield process
    finally:
        process.kill()
        process.wait()
