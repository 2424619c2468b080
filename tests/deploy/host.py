"""A host in a folder, on which install.sh can install: /etc, nginx, supervisord and a checkout."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from deploy.testing import processes
from deploy.testing.ports import free_ports
from deploy.testing.service import BIN, ROOT
from deploy.testing.stack import Stack

# a .venv of its own without PyPI
MAKEFILE = f"""\
.venv/serving:
	{sys.executable} -m venv --without-pip .venv
	echo {sysconfig.get_path("purelib")} >$$(echo .venv/lib/*/site-packages)/tests.pth
	for program in uwsgi; do \\
		sed "1s|.*|#!$(CURDIR)/.venv/bin/python3|" {BIN}/$$program \\
			>.venv/bin/$$program && chmod +x .venv/bin/$$program; done
	touch $@
"""


# what Debian's packages bring
NGINX = """\
user {user};
daemon off;
pid {run}/nginx.pid;
error_log stderr crit;
events {{}}
http {{
    proxy_temp_path {run}/nginx-proxy;
    fastcgi_temp_path {run}/nginx-fastcgi;
    uwsgi_temp_path {run}/nginx-uwsgi;
    scgi_temp_path {run}/nginx-scgi;
    include conf.d/*.conf;
}}
"""
SUPERVISOR = """\
[unix_http_server]
file={run}/supervisor.sock
[supervisord]
nodaemon=true
silent=true
user={user}
logfile={logs}/supervisord.log
pidfile={run}/supervisord.pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{run}/supervisor.sock
[include]
files=conf.d/*.conf
[program:nginx]
command=nginx -e stderr -c %(here)s/../nginx/nginx.conf
stopsignal=QUIT
"""


class Host(Stack):
    """A running nginx and supervisord with their configuration in `folder`/etc, and a checkout."""

    def __init__(self, folder: Path, run: Path):
        super().__init__(folder, *free_ports(3))
        self.etc = folder / "etc"
        self.checkout = folder / "checkout"
        self.releases = folder / "opt" / "releases"
        self.current = folder / "opt" / "current"
        self.settings = self.etc / "yanling.env"
        self.control = self.etc / "supervisor" / "supervisord.conf"
        self.certificate = self.etc / "ssl" / "yanling" / "self-signed.pem"
        self.site = self.etc / "nginx" / "conf.d" / "yanling.conf"
        self.values = {
            "SERVER_NAME": "localhost",
            "PUBLIC_URL": self.url,
            "HTTPS_LISTEN": f"127.0.0.1:{self.https_port}",
            "HTTP_LISTEN": self.http.replace("http://localhost", "127.0.0.1"),
            "METRICS_LISTEN": self.inside.removeprefix("http://"),
            "ROOT": self.current,
            "USER": pwd.getpwuid(os.getuid()).pw_name,
            "RUN": run,
            "NGINX_PID": run / "nginx.pid",
            "NGINX_LOGS": self.logs,
            "UWSGI_LOGS": self.logs,
        }

    def furnish(self) -> None:
        """Make what is there before install.sh runs."""
        values = {name.lower(): value for name, value in self.values.items()}
        for file, text in ((self.etc / "nginx/nginx.conf", NGINX), (self.control, SUPERVISOR)):
            (file.parent / "conf.d").mkdir(parents=True)
            file.write_text(text.format(logs=self.logs, **values))
        self.settings.write_text("".join(f"{key}={value}\n" for key, value in self.values.items()))
        self.logs.mkdir()
        light = shutil.ignore_patterns("__pycache__", "float16.npz", "testing")
        for part in ("app", "model", "deploy"):
            shutil.copytree(ROOT / part, self.checkout / part, ignore=light)
        for part in ("uwsgi.ini", "LICENSE"):
            shutil.copy(ROOT / part, self.checkout)
        (self.checkout / "requirements.txt").touch()
        (self.checkout / "Makefile").write_text(MAKEFILE)

    def install(self, *options: str) -> subprocess.CompletedProcess:
        return install("--etc", self.etc, *options, checkout=self.checkout)

    def edit(self, file: str, old: str, new: str) -> None:
        text = (self.checkout / file).read_text()
        assert old in text
        (self.checkout / file).write_text(text.replace(old, new))

    def version(self) -> str:
        """The text by which the tests tell releases apart."""
        return self.curl("/healthz").json()["status"]

    def serving(self) -> Path:
        """The release whose Python runs the master."""
        return Path(processes.command(self.master()).split()[0]).parents[2]


def install(*options: str | Path, checkout: Path = ROOT) -> subprocess.CompletedProcess:
    """Run the checkout's install.sh."""
    command = [str(checkout / "deploy" / "install.sh"), *map(str, options)]
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    return subprocess.run(command, env=environment, capture_output=True, text=True)
