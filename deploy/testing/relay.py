"""Both relays of deploy/relay/ in front of a stack: upload.php under php-fpm and nginx, as shared
hosts have them, and nginx alone.

    .venv/bin/python -m deploy.testing.relay

runs all three until Ctrl-C.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.render import DEPLOY, fill
from deploy.testing.ports import free_ports
from deploy.testing.stack import Stack, running_stack
from deploy.testing.waiting import until

FILES = DEPLOY / "relay"
MODEL = "localhost"  # the name of the stack and of its certificate

# two pools: as most hosts have it, and one whose limits a .user.ini cannot change
FPM = """\
[global]
daemonize = no
error_log = {folder}/php.log
[shared]
{user}
listen = {folder}/shared.sock
pm = static
pm.max_children = 5
catch_workers_output = yes
php_admin_value[disable_functions] = exec,passthru,shell_exec,system,proc_open,popen
php_admin_flag[allow_url_fopen] = off
[fixed]
{user}
listen = {folder}/fixed.sock
pm = static
pm.max_children = 5
catch_workers_output = yes
php_admin_value[upload_max_filesize] = 2M
php_admin_value[post_max_size] = 8M
php_admin_value[sys_temp_dir] = {folder}/tmp
php_admin_flag[display_errors] = off
"""
# a site for each folder: the host name chooses it
WEB = """\
map $host $pool {{ fixed fixed; default shared; }}
server {{
    listen 127.0.0.1:{port} ssl;
    server_name ~^(?<site>.+)$;
    root {folder}/sites/$site/public;
    access_log off;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    client_max_body_size 20m;
    rewrite ^/(upload|v1/\\w+)$ /upload.php last;
    location ~ ^(?<script>/.*\\.php)(/|$) {{
        fastcgi_pass unix:{folder}/$pool.sock;
        fastcgi_request_buffering off;
        fastcgi_read_timeout 120s;
        fastcgi_param SCRIPT_FILENAME $document_root$script;
        fastcgi_param DOCUMENT_ROOT $document_root;
        fastcgi_param REQUEST_URI $request_uri;
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param QUERY_STRING $query_string;
        fastcgi_param CONTENT_TYPE $content_type;
        fastcgi_param CONTENT_LENGTH $content_length;
        fastcgi_param REMOTE_ADDR $remote_addr;
    }}
}}
"""
NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
worker_rlimit_nofile 4096;
events {{ worker_connections 2048; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/conf/*.conf;
}}
"""


@dataclass(frozen=True)
class Relay:
    """`php` is the address of one relay; the host name `fixed` chooses a PHP that reads forms
    itself. `nginx` and `others` are those of the other kind. `processes`: of php-fpm, and of the
    nginx that serves for all."""

    folder: Path
    php: str
    others: dict[str, str]
    processes: tuple[int, int]

    @property
    def nginx(self) -> str:
        return self.others[MODEL]

    def add_site(self, name: str, server: str, key: str = "", seconds: int = 50) -> None:
        """One more site with upload.php; the host name `name` chooses it."""
        public = self.folder / "sites" / name / "public"
        public.mkdir(parents=True)
        for file in ("upload.php", ".user.ini"):
            shutil.copy(FILES / file, public)
        settings = {
            "server": server,
            "key": key,
            "seconds": seconds,
            "ca": certificate(self.folder),
        }
        members = ", ".join(f"{name!r} => {value!r}" for name, value in settings.items())
        (public.parent / "yanling-relay.php").write_text(f"<?php return [{members}];")


def certificate(folder: Path) -> str:
    return str(folder / "model.pem")


def php_fpm() -> str:
    """The program; its name has its version. Raises FileNotFoundError."""
    for found in sorted(Path("/usr/sbin").glob("php-fpm*")):
        return str(found)
    raise FileNotFoundError("there is no php-fpm; `make test` installs it")


@contextmanager
def relays(folder: Path, stack: Stack, others: Mapping[str, int] | None = None) -> Iterator[Relay]:
    """Run both relays in `folder` until the block ends. The stack must know their key
    (`write_key`).

    `others`: for each name and port of a model host, one more relay of nginx's kind, which waits a
    second for answers.
    """
    names = [MODEL, *(others or {})]
    php_port, *nginx_ports = free_ports(1 + len(names))
    ports = dict(zip(names, nginx_ports, strict=True))
    shutil.copy(stack.certificate, certificate(folder))
    write_web(folder, stack, php_port)
    for name, port in ports.items():
        model = (others or {}).get(name, stack.https_port)
        write_relay(folder, stack, name, port, model, "70s" if name == MODEL else "1s")
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    with ExitStack() as running:
        started = []
        fpm: list[str | Path] = [php_fpm(), "-n", "-R", "-y", folder / "fpm.conf"]
        nginx: list[str | Path] = ["nginx", "-c", folder / "nginx.conf", "-p", folder]
        for command in ([*fpm, "-d", "extension=curl"], nginx):
            process = subprocess.Popen(command, env=os.environ | path, stderr=subprocess.DEVNULL)
            running.callback(process.wait)
            running.callback(process.terminate)
            started.append(process)
        addresses = {name: f"https://{MODEL}:{port}" for name, port in ports.items()}
        php = f"https://{MODEL}:{php_port}"
        relay = Relay(folder, php, addresses, (started[0].pid, started[1].pid))
        for name in (MODEL, "fixed"):
            relay.add_site(name, stack.url, key_of(stack))

        def is_up() -> bool:
            if any(process.poll() is not None for process in started):
                raise RuntimeError(f"php-fpm or nginx did not start, see {folder}/php.log")
            return (folder / "fixed.sock").exists() and (folder / "nginx.pid").exists()

        until(is_up)
        yield relay


def write_web(folder: Path, stack: Stack, port: int) -> None:
    """What php-fpm and its nginx are started with."""
    root = os.getuid() == 0
    (conf := folder / "conf").mkdir()
    (folder / "tmp").mkdir()
    user = "user = root" if root else ""
    (folder / "fpm.conf").write_text(FPM.format(folder=folder, user=user))
    user = "user root;\n" if root else ""
    (folder / "nginx.conf").write_text(user + NGINX.format(folder=folder))
    certificate, key = stack.certificate, stack.certificate.with_name("key.pem")
    web = WEB.format(folder=folder, port=port, certificate=certificate, key=key)
    (conf / "web.conf").write_text(web)
    shutil.copy(DEPLOY / "nginx" / "yanling-problems.conf", conf)
    (folder / "key").write_text(f'proxy_set_header X-Relay-Key "{key_of(stack)}";\n')


def write_relay(
    folder: Path, stack: Stack, name: str, port: int, model_port: int, patience: str
) -> None:
    values = {
        "HTTPS_LISTEN": f"127.0.0.1:{port}",
        "SERVER_NAME": MODEL,
        "CERTIFICATE_CHAIN": str(stack.certificate),
        "CERTIFICATE_KEY": str(stack.certificate.with_name("key.pem")),
        "MODEL_HOST": MODEL,
        "MODEL_PORT": str(model_port),
        "MODEL_CA": certificate(folder),
        "READ_TIMEOUT": patience,
        "KEY_FILE": str(folder / "key"),
    }
    text = fill((FILES / "nginx" / "yanling-relay.conf").read_text(), values)
    text = text.replace("/var/log/nginx", str(folder)).replace("yanling_model", f"model_{name}")
    (folder / "conf" / f"relay-{name}.conf").write_text(text)


def write_key(folder: Path) -> None:
    """Give the stack that will run in `folder` a relay's key. Before it starts."""
    (folder / "relays.conf").write_text(f"{secrets.token_hex(16)} tested;\n")


def key_of(stack: Stack) -> str:
    return (stack.logs.parent / "relays.conf").read_text().split()[0]


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as relay_folder,
    ):
        write_key(Path(folder))
        with running_stack(Path(folder)) as stack, relays(Path(relay_folder), stack) as relay:
            for name, url in (("stack", stack.url), ("PHP", relay.php), ("nginx", relay.nginx)):
                print(f"{name}: curl --cacert {stack.certificate} -F file=@photo.jpg {url}/upload")
            sys.stdout.flush()
            try:
                while True:
                    time.sleep(3600)
            except KeyboardInterrupt:
                pass


if __name__ == "__main__":
    main()
