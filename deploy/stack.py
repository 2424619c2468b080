"""nginx + supervisord + uWSGI as on a real host, in a scratch folder, until Ctrl-C.

    .venv/bin/python deploy/stack.py [FOLDER] [--https-port 8443] [--http-port 8080]

The files are those of deploy/, filled for this folder; the certificate is signed by itself.
"""

import argparse
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import render

ROOT = render.DEPLOY.parent
BIN = Path(sys.executable).parent
READY_SECONDS = 30


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path, nargs="?", default=ROOT / "var" / "stack")
    options.add_argument("--https-port", type=int, default=8443)
    options.add_argument("--http-port", type=int, default=8080)
    options.add_argument("--metrics-port", type=int, default=9145)
    chosen = options.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    memory = Path("/dev/shm")
    run = Path(tempfile.mkdtemp(prefix="yanling-", dir=memory if memory.is_dir() else None))
    try:
        ports = chosen.https_port, chosen.http_port, chosen.metrics_port
        return serve(chosen.folder.resolve(), run, *ports)
    except KeyboardInterrupt:
        return 0
    finally:
        shutil.rmtree(run)


def serve(folder: Path, run: Path, https_port: int, http_port: int, metrics_port: int) -> int:
    """Runs until supervisord ends or a signal comes; its exit status."""
    url = f"https://localhost:{https_port}"
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    certificate, key = self_signed(folder / "tls")
    values = {
        "SERVER_NAME": "localhost",
        "PUBLIC_URL": url,
        "HTTPS_LISTEN": f"127.0.0.1:{https_port}",
        "HTTP_LISTEN": f"127.0.0.1:{http_port}",
        "METRICS_LISTEN": f"127.0.0.1:{metrics_port}",
        "CERTIFICATE": str(certificate),
        "CERTIFICATE_KEY": str(key),
        "ROOT": str(ROOT),
        "USER": pwd.getpwuid(os.getuid()).pw_name,
        "RUN": str(run),
        "SETTINGS": "",
        "NGINX_LOGS": str(logs),
        "UWSGI_LOGS": str(logs),
    }
    render.render(values, folder)
    control = folder / "supervisor" / "stack.conf"
    # Debian keeps nginx where ordinary users do not look
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    stack = subprocess.Popen([BIN / "supervisord", "-c", control], env=environment)
    try:
        if not ready(stack, url, certificate):
            print(f"The stack did not start; {logs / 'yanling.log'} says why", file=sys.stderr)
            return 1
        print(f"ready: curl --cacert {certificate} -F file=@photo.jpg {url}/upload")
        print(f"       {BIN / 'supervisorctl'} -c {control} status", flush=True)
        return stack.wait()
    finally:
        stack.terminate()
        stack.wait()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """The certificate for localhost and its key; made once."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not certificate.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        order = "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost"
        names = "-addext subjectAltName=DNS:localhost,IP:127.0.0.1"
        files: list[str | Path] = ["-keyout", key, "-out", certificate]
        subprocess.run([*f"{order} {names}".split(), *files], check=True, capture_output=True)
    return certificate, key


def ready(stack: subprocess.Popen, url: str, certificate: Path) -> bool:
    trust = ssl.create_default_context(cafile=certificate)
    deadline = time.monotonic() + READY_SECONDS
    while stack.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/readyz", context=trust, timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    return False


if __name__ == "__main__":
    sys.exit(main())
