"""nginx, supervisord and uWSGI as on a real host, but in a scratch folder and without root.

    .venv/bin/python -m deploy.stack [FOLDER] [--https-port 8443] [--set NAME=VALUE ...]

The templates are those of deploy/, filled for this folder.
"""

import fcntl
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from deploy import render

ROOT = render.DEPLOY.parent
BIN = Path(sys.executable).parent
DEFAULTS = render.read(render.DEPLOY / "site.env")
READY_SECONDS = 120  # generous: a busy machine is slow


def pairs(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> dict:
    """NAME=VALUE texts as a dict."""
    return dict(text.partition("=")[::2] for text in texts)


def settings_of(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict:
    """The same. Raises BadParameter for a name that site.env does not have."""
    found = pairs(context, option, texts)
    if unknown := sorted(found.keys() - DEFAULTS.keys()):
        raise click.BadParameter(f"not in deploy/site.env: {', '.join(unknown)}")
    return found


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--https-port", default=8443, show_default=True)
@click.option("--http-port", default=8080, show_default=True, help="Redirects to HTTPS.")
@click.option("--metrics-port", default=9145, show_default=True, help="/metrics, /readyz, /nginx.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", callback=settings_of,
              help="Override a setting of deploy/site.env. Repeatable.")  # fmt: skip
@click.option("--env", "variables", multiple=True, metavar="NAME=VALUE", callback=pairs,
              help="An environment variable for all processes. Repeatable.")  # fmt: skip
def main(
    folder: Path | None,
    https_port: int,
    http_port: int,
    metrics_port: int,
    settings: dict[str, str],
    variables: dict[str, str],
) -> None:
    """Run nginx, supervisord and uWSGI as on a real host, on 127.0.0.1, until Ctrl-C.

    FOLDER (default: var/stack-PORT, by the port of HTTPS) gets the filled templates, the logs and a
    self-signed certificate, which is kept for the next run.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    refuse_used_ports(https=https_port, http=http_port, metrics=metrics_port)
    folder = (folder or ROOT / "var" / f"stack-{https_port}").resolve()
    memory = Path("/dev/shm")
    with alone_in(folder):
        run = Path(tempfile.mkdtemp(prefix="yanling-", dir=memory if memory.is_dir() else None))
        (run / "service").mkdir(mode=0o750)
        values = local(folder, run, https_port, http_port, metrics_port) | settings
        try:
            sys.exit(serve(folder, values, variables))
        except KeyboardInterrupt:
            sys.exit(0)
        finally:
            shutil.rmtree(run)


def refuse_used_ports(**ports: int) -> None:
    """Raises ClickException for a port that something listens on: another stack, for instance,
    which would answer our health check."""
    for name, port in ports.items():
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            message = f"--{name}-port {port}: {error.strerror}; choose another"
            raise click.ClickException(message) from None


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make the folder and keep it to ourselves. Raises ClickException when another stack has it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        message = f"another stack runs in {folder}; name another folder for this one"
        raise click.ClickException(message) from None
    try:
        yield
    finally:
        os.close(handle)


def local(
    folder: Path, run: Path, https_port: int, http_port: int, metrics_port: int
) -> dict[str, str]:
    """Settings of a stack that keeps everything in `folder` and, in memory, `run`."""
    return DEFAULTS | {
        "SERVER_NAME": "localhost",
        "PUBLIC_URL": f"https://localhost:{https_port}",
        "HTTPS_LISTEN": f"127.0.0.1:{https_port}",
        "HTTP_LISTEN": f"127.0.0.1:{http_port}",
        "METRICS_LISTEN": f"127.0.0.1:{metrics_port}",
        "CERTIFICATE": str(folder / "tls" / "certificate.pem"),
        "CERTIFICATE_KEY": str(folder / "tls" / "key.pem"),
        "ROOT": str(ROOT),
        "USER": pwd.getpwuid(os.getuid()).pw_name,
        "RUN": str(run),
        "NGINX_PID": str(run / "nginx.pid"),
        "NGINX_LOGS": str(folder / "logs"),
        "UWSGI_LOGS": str(folder / "logs"),
        "RELAYS": str(folder / "relays*.conf"),
    }


def serve(folder: Path, values: dict[str, str], variables: dict[str, str]) -> int:
    """Run until supervisord ends or a signal arrives; supervisord's exit status."""
    (logs := folder / "logs").mkdir(parents=True, exist_ok=True)
    certificate, url = Path(values["CERTIFICATE"]), values["PUBLIC_URL"]
    make_certificate(certificate, Path(values["CERTIFICATE_KEY"]))
    render.render(values, folder)
    config = folder / "supervisor" / "stack.conf"
    # Debian's nginx is in /usr/sbin, which is not on an ordinary user's path
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    supervisord = subprocess.Popen(
        [BIN / "supervisord", "-c", config], env=os.environ | path | variables
    )
    try:
        if not is_ready(supervisord, url, certificate):
            print(f"The stack did not start, see {logs / 'yanling.log'}", file=sys.stderr)
            return 1
        print(f"ready: curl --cacert {certificate} -F file=@photo.jpg {url}/upload")
        print(f"       {BIN / 'supervisorctl'} -c {config} status", flush=True)
        return supervisord.wait()
    finally:
        supervisord.terminate()
        supervisord.wait()


def make_certificate(certificate: Path, key: Path, address: str = "127.0.0.1") -> None:
    """A self-signed certificate for localhost and `address`, and its key, unless they exist."""
    if certificate.exists():
        return
    certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost"
    names = f"-addext subjectAltName=DNS:localhost,IP:{address}"
    files: list[str | Path] = ["-keyout", key, "-out", certificate]
    subprocess.run([*f"{command} {names}".split(), *files], check=True, capture_output=True)


def is_ready(supervisord: subprocess.Popen, url: str, certificate: Path) -> bool:
    """Wait for the service; False when supervisord ends or READY_SECONDS have passed."""
    trust = ssl.create_default_context(cafile=certificate)
    deadline = time.monotonic() + READY_SECONDS
    while supervisord.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/readyz", context=trust, timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    return False


if __name__ == "__main__":
    main(prog_name="python -m deploy.stack")
