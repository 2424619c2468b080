"""deploy/install.sh with a folder of its own for /etc: installs, upgrades, refuses, rolls back.

nginx, supervisord and uWSGI are the real ones. Only PyPI is not asked: a release's .venv sees the
packages of the tests. What root does on a bare host is for `make host` to show.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from app import keys
from deploy import render
from tests.conftest import ROOT, free_ports
from tests.deploy.conftest import Stack, until

# a .venv of its own without PyPI
MAKEFILE = f"""\
.venv/serving:
	{sys.executable} -m venv --without-pip .venv
	echo {sysconfig.get_path("purelib")} >$$(echo .venv/lib/*/site-packages)/tests.pth
	for program in uwsgi httpok; do \\
		sed "1s|.*|#!$(CURDIR)/.venv/bin/python3|" {Path(sys.executable).parent}/$$program \\
			>.venv/bin/$$program && chmod +x .venv/bin/$$program; done
	touch $@
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
        self.nginx = self.etc / "nginx" / "conf.d" / "yanling.conf"
        self.values = render.read(render.DEPLOY / "site.env") | {
            "SERVER_NAME": "localhost",
            "PUBLIC_URL": self.url,
            "HTTPS_LISTEN": f"127.0.0.1:{self.https_port}",
            "HTTP_LISTEN": self.http.replace("http://localhost", "127.0.0.1"),
            "METRICS_LISTEN": self.inside.removeprefix("http://"),
            "ROOT": str(self.current),
            "USER": pwd.getpwuid(os.getuid()).pw_name,
            "RUN": str(run),
            "NGINX_LOGS": str(self.logs),
            "UWSGI_LOGS": str(self.logs),
        }

    def furnish(self) -> None:
        """What Debian's packages bring, and a checkout."""
        filled = self.etc.with_name("filled")
        render.render(self.values, filled)
        nginx = self.etc / "nginx" / "nginx.conf"
        for folder in (nginx.parent, self.control.parent):
            (folder / "conf.d").mkdir(parents=True)
        text = (filled / "nginx" / "stack.conf").read_text()
        nginx.write_text(text.replace("include yanling*.conf", "include conf.d/*.conf"))
        text = (filled / "supervisor" / "stack.conf").read_text()
        text = text.replace("files=yanling.conf", "files=conf.d/*.conf")
        self.control.write_text(text.replace("nginx/stack.conf", "nginx/nginx.conf"))
        self.logs.mkdir()
        light = shutil.ignore_patterns("__pycache__", "float16.npz")
        for part in ("app", "model", "deploy"):
            shutil.copytree(ROOT / part, self.checkout / part, ignore=light)
        for part in ("uwsgi.ini", "LICENSE"):
            shutil.copy(ROOT / part, self.checkout)
        (self.checkout / "requirements.txt").touch()
        (self.checkout / "Makefile").write_text(MAKEFILE)

    def install(self, *options: str) -> subprocess.CompletedProcess:
        command = [self.checkout / "deploy" / "install.sh", "--etc", self.etc, *options]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def edit(self, file: str, old: str, new: str) -> None:
        text = (self.checkout / file).read_text()
        assert old in text
        (self.checkout / file).write_text(text.replace(old, new))

    def says(self) -> str:
        """What tells one release from another here."""
        return self.curl("/healthz").json()["status"]

    def serving(self) -> Path:
        """The release whose Python runs the master."""
        words = Path(f"/proc/{self.master()}/cmdline").read_text()
        return Path(words.split("\0")[0]).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    memory = Path("/dev/shm")
    run = Path(tempfile.mkdtemp(prefix="yanling-", dir=memory if memory.is_dir() else None))
    host = Host(tmp_path_factory.mktemp("host"), run)
    host.furnish()
    lines = [f"{name}={value}\n" for name, value in host.values.items()]
    # but for what --self-signed sets
    host.settings.write_text("".join(line for line in lines if not line.startswith("CERT")))
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    command = [Path(sys.executable).parent / "supervisord", "-c", host.control]
    services = subprocess.Popen(command, env=environment)
    try:
        until((run / "nginx.pid").exists)
        done = host.install("localhost", "--self-signed")
        assert done.returncode == 0, done.stdout + done.stderr
        yield host
    finally:
        services.terminate()
        services.wait()
        shutil.rmtree(run)


@pytest.fixture
def host(installed):
    """Each test finds and leaves the host with our own checkout installed."""
    before = {file: file.read_bytes() for file in installed.checkout.rglob("*") if file.is_file()}
    yield installed
    for file, content in before.items():
        if file.read_bytes() != content:
            file.write_bytes(content)
    if installed.says() != "alive":
        installed.install()
    assert installed.says() == "alive"


def test_installing_again_changes_nothing(host, portrait_file):
    def state():
        files = [*host.etc.rglob("*"), *host.releases.glob("*/app/*")]
        return {file: file.stat().st_mtime_ns for file in files if file.is_file()}

    before, master = state(), host.master()
    workers = host.workers(master)
    with host.load(portrait_file, clients=1) as statuses:
        done = host.install("localhost", "--self-signed")
    assert done.returncode == 0, done.stderr
    assert set(statuses) == {200}
    assert state() == before
    assert host.workers(host.master()) == workers


def test_upgrade_and_roll_back_lose_no_request(host, portrait_file):
    master, old = host.master(), host.serving()
    assert old == host.current.resolve()
    for age, name in enumerate(("oldest", "older"), start=1):
        (host.releases / name).mkdir()
        (host.releases / name / "ran").touch()
        os.utime(host.releases / name / "ran", (age, age))
    (host.releases / "half-made").mkdir()
    host.edit("app/health.py", "alive", "alive and new")
    with host.load(portrait_file, clients=1) as statuses:
        assert host.install().returncode == 0
        assert host.says() == "alive and new"
        new = host.serving()
        assert new == host.current.resolve() != old
        assert {folder.name for folder in host.releases.iterdir()} == {new.name, old.name, "older"}
        assert host.install("--roll-back").returncode == 0
        assert host.says() == "alive"
        assert host.serving() == host.current.resolve() == old
    assert set(statuses) == {200}
    assert host.master() == master


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("app/wsgi.py", "app = create_app()", "raise ValueError('a fault')", "a fault"),
        ("uwsgi.ini", "listen = ", "lissten = ", "lissten"),
        ("deploy/nginx/yanling.conf", "server_tokens", "server_tokkens", "server_tokkens"),
        ("deploy/supervisor/yanling.conf", "@USER@", "@USERR@", "USERR"),
    ],
    ids=["service", "uwsgi", "nginx", "template"],
)
def test_a_broken_release_is_refused_and_no_request_lost(
    host, portrait_file, file, old, new, reason
):
    before, config = host.serving(), host.nginx.read_text()
    host.edit("app/health.py", "alive", "alive but broken")
    host.edit(file, old, new)
    with host.load(portrait_file, clients=1) as statuses:
        done = host.install()
    assert done.returncode == 1
    assert reason in done.stderr
    assert f"refused, see above; {before.name} serves on" in done.stderr
    assert set(statuses) == {200}
    assert host.serving() == host.current.resolve() == before
    assert host.nginx.read_text() == config
    assert host.says() == "alive"


def test_a_release_that_starts_but_does_not_answer_is_put_back(host):
    before = host.serving()
    host.edit("app/health.py", "alive", "alive but broken")
    host.edit(
        "app/upload.py", "def upload() -> Response:\n", "def upload() -> Response:\n    1 / 0\n"
    )
    done = host.install()
    assert done.returncode == 1
    assert "500" in done.stderr
    assert host.serving() == host.current.resolve() == before


def test_an_edit_of_the_settings_is_kept_and_applied(host, portrait_file):
    settings = host.settings.read_text()
    edited = settings.replace(f"PUBLIC_URL={host.url}", "PUBLIC_URL=https://elsewhere")
    host.settings.write_text(edited)
    with host.load(portrait_file, clients=1) as statuses:
        assert host.install("localhost", "--self-signed").returncode == 0
    assert host.settings.read_text() == edited
    until(lambda: host.curl(host.http).headers["location"] == "https://elsewhere/")
    assert set(statuses) == {200}
    host.settings.write_text(settings)
    host.install()


def test_keys_are_asked_for_and_the_old_contract_closed(host, portrait_file):
    settings = host.settings.read_text()
    file = host.etc / "keys"
    key, line = keys.make("shop")
    file.write_text(line)
    host.settings.write_text(settings.replace("SETTINGS=", f'SETTINGS=YANLING_API_KEYS="{file}"'))
    metrics = "location = /metrics { return 404; }"
    host.edit(
        "deploy/nginx/yanling.conf", metrics, f"{metrics}\nlocation = /upload {{ return 404; }}"
    )
    host.edit("app/health.py", "alive", "alive, with keys")  # restored after this test
    done = host.install()
    host.settings.write_text(settings)
    assert done.returncode == 0, done.stderr
    ask = "/v1/faces", "-F", f"file=@{portrait_file}"
    assert host.curl(*ask).status == 401
    assert host.curl(*ask, "-H", f"Authorization: Bearer {key}").status == 200
    assert host.curl("/upload", "-F", f"file=@{portrait_file}").status == 404


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "what NAME"),
        (["a.example", "b.example"], "one NAME"),
        (["https://a.example"], "not a host name"),
        (["--sign"], "unknown option --sign"),
        (["--roll-back"], "nothing is installed"),
        (["a.example", "--certificate", "absent.pem"], "cannot read 'absent.pem'"),
        (["a.example", "--email"], "--email needs a value"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path, options, reason):
    done = subprocess.run(
        [ROOT / "deploy" / "install.sh", "--etc", tmp_path, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (tmp_path / "yanling.env").write_text(f"HTTP_LISTEN=127.0.0.1:{port}\n")
        command = [ROOT / "deploy" / "install.sh", "--etc", tmp_path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr


def test_nothing_to_roll_back_to_is_told(tmp_path):
    ports = [f"127.0.0.1:{port}" for port in free_ports(3)]
    listen = zip(("HTTP_LISTEN", "HTTPS_LISTEN", "METRICS_LISTEN"), ports, strict=True)
    values = {**dict(listen), "ROOT": tmp_path / "current", "CERTIFICATE": __file__}
    lines = [f"{name}={value}\n" for name, value in values.items()]
    (tmp_path / "yanling.env").write_text("".join(lines))
    command = [ROOT / "deploy" / "install.sh", "--etc", tmp_path, "--roll-back"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no release that ran before" in done.stderr
