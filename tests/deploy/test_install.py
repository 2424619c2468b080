"""deploy/install.sh with a folder of its own for /etc: installs, upgrades, refuses, rolls back.

nginx, supervisord and uWSGI are real. Only PyPI is not used: a release's .venv sees the packages of
the tests. `make host` tests what root does on a bare host.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from app import keys
from deploy.testing.clients import Answer, failed, load
from deploy.testing.ports import free_ports
from deploy.testing.service import BIN, ROOT
from deploy.testing.waiting import until
from tests.deploy.host import Host, install


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    memory = Path("/dev/shm")
    run = Path(tempfile.mkdtemp(prefix="yanling-", dir=memory if memory.is_dir() else None))
    host = Host(tmp_path_factory.mktemp("host"), run)
    host.furnish()
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    services = subprocess.Popen([BIN / "supervisord", "-c", host.control], env=environment)
    try:
        until((run / "nginx.pid").exists)
        done = host.install("localhost", "--self-signed")
        assert done.returncode == 0, done.stdout + done.stderr
        yield host
    finally:
        services.terminate()
        services.wait()
        shutil.rmtree(run)


def uploads(host: Host, portrait: bytes) -> AbstractContextManager[list[Answer]]:
    """One client; a connection for each upload, because nginx reloads."""
    return load(host, [portrait], clients=1, pause=0.1, keep=False)


@pytest.fixture
def host(installed):
    """Each test finds and leaves the host with our unchanged checkout installed."""
    before = {file: file.read_bytes() for file in installed.checkout.rglob("*") if file.is_file()}
    yield installed
    for file, content in before.items():
        if file.read_bytes() != content:
            file.write_bytes(content)
    if installed.version() != "alive":
        installed.install()
    assert installed.version() == "alive"


def test_installing_again_changes_nothing(host, portrait):
    def state():
        files = [*host.etc.rglob("*"), *host.releases.glob("*/app/*")]
        return {file: file.stat().st_mtime_ns for file in files if file.is_file()}

    before, workers = state(), host.workers()
    with uploads(host, portrait) as answers:
        done = host.install("localhost", "--self-signed")
    assert done.returncode == 0, done.stderr
    assert failed(answers) == []
    assert state() == before
    assert host.workers() == workers


def test_upgrade_and_roll_back_lose_no_request(host, portrait):
    master, old = host.master(), host.serving()
    assert old == host.current.resolve()
    for age, name in enumerate(("oldest", "older"), start=1):
        (host.releases / name).mkdir()
        (host.releases / name / "ran").touch()
        os.utime(host.releases / name / "ran", (age, age))
    (host.releases / "half-made").mkdir()
    host.edit("app/health.py", "alive", "alive and new")
    elsewhere = host.etc / "elsewhere"
    elsewhere.touch()
    os.utime(elsewhere, (1, 1))
    (host.run / "reload").unlink(missing_ok=True)
    (host.run / "reload").symlink_to(elsewhere)  # as the service's user might, when RUN was its own
    with uploads(host, portrait) as answers:
        assert host.install().returncode == 0
        assert elsewhere.stat().st_mtime == 1
        assert host.version() == "alive and new"
        new = host.serving()
        assert new == host.current.resolve() != old
        assert {folder.name for folder in host.releases.iterdir()} == {new.name, old.name, "older"}
        assert host.install("--roll-back").returncode == 0
        assert host.version() == "alive"
        assert host.serving() == host.current.resolve() == old
    assert failed(answers) == []
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
def test_a_broken_release_is_refused_and_no_request_lost(host, portrait, file, old, new, reason):
    before, config = host.serving(), host.site.read_text()
    host.edit("app/health.py", "alive", "alive but broken")
    host.edit(file, old, new)
    with uploads(host, portrait) as answers:
        done = host.install()
    assert done.returncode == 1
    assert reason in done.stderr
    assert f"refused, see above; {before.name} serves on" in done.stderr
    assert failed(answers) == []
    assert host.serving() == host.current.resolve() == before
    assert host.site.read_text() == config
    assert host.version() == "alive"


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


def test_an_edit_of_the_settings_is_kept_and_applied(host, portrait):
    settings = host.settings.read_text()
    edited = settings.replace(f"PUBLIC_URL={host.url}", "PUBLIC_URL=https://elsewhere")
    host.settings.write_text(edited)
    with uploads(host, portrait) as answers:
        assert host.install("localhost", "--self-signed").returncode == 0
    assert host.settings.read_text() == edited
    until(lambda: host.curl(host.http).headers["location"] == "https://elsewhere/")
    assert failed(answers) == []
    host.settings.write_text(settings)
    host.install()


def test_a_certificate_that_clients_would_refuse_never_serves(host, portrait):
    """Whether it is named on the command line or in the settings."""
    settings, config = host.settings.read_text(), host.site.read_text()
    signed = host.certificate, host.certificate.with_suffix(".key")
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    new += ["-addext", "subjectAltName=DNS:other.example"]
    wrong = host.etc / "wrong.pem", host.etc / "wrong.key"
    files = ["-out", wrong[0], "-keyout", wrong[1]]
    subprocess.run([*new, *files], check=True, capture_output=True)
    said = f"{wrong[0]} is for DNS:other.example, not for localhost"
    edited = settings.replace(str(signed[0]), str(wrong[0])).replace(str(signed[1]), str(wrong[1]))
    with uploads(host, portrait) as answers:
        done = host.install("--certificate", str(wrong[0]), "--key", str(wrong[1]))
        assert (done.returncode, done.stderr) == (1, f"install.sh: --certificate: {said}\n")
        assert host.settings.read_text() == settings
        host.settings.write_text(edited)
        done = host.install()
        host.settings.write_text(settings)
    assert done.returncode == 1
    assert done.stderr == f"install.sh: {host.settings}: {said}; nothing was changed\n"
    assert failed(answers) == []
    assert host.site.read_text() == config


@pytest.mark.parametrize("by", ["edit", "command line"])
def test_settings_that_do_not_serve_are_put_back(host, by):
    settings, config, master = host.settings.read_text(), host.site.read_text(), host.master()
    if by == "edit":
        host.settings.write_text(f"{settings}UWSGI_OPTIONS=--lissten\n")
        done = host.install()
        edited = host.settings.read_text()
        host.settings.write_text(settings)
        assert edited == f"{settings}UWSGI_OPTIONS=--lissten\n"
    else:
        site = host.checkout / "deploy/nginx/yanling.conf"  # restored after this test
        name = "server_name @SERVER_NAME@;"
        site.write_text(site.read_text().replace(name, "server_name localhost no_such_variable$;"))
        done = host.install("other.example", "--self-signed")
        assert host.settings.read_text() == settings
        assert host.master() == master
    assert done.returncode == 1
    assert "serves on" in done.stderr
    assert host.site.read_text() == config
    until(host.is_ready)


def test_a_service_that_starts_again_and_again_is_restarted_not_reloaded():
    """supervisor tries settings that uWSGI refuses several times, each try in /, where a process
    may be found that will never answer to a reload."""
    script = """. deploy/release.sh
        release=/opt/yanling/releases/1
        control() {
            case $1 in pid) echo $$ ;; status) echo "yanling BACKOFF" ;; *) echo "$*" >&2 ;; esac
        }
        cd /
        reload"""
    done = subprocess.run(["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "restart yanling\n")


def test_keys_can_be_required_and_the_old_route_closed(host, portrait_file):
    settings = host.settings.read_text()
    file = host.etc / "keys"
    key, line = keys.make("shop")
    file.write_text(line)
    host.settings.write_text(f'{settings}SETTINGS=YANLING_API_KEYS="{file}"\n')
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
def test_mistakes_are_explained(tmp_path, options, reason):
    done = install("--etc", tmp_path, *options)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_on_a_disk_is_refused(disk):
    (disk / "yanling.env").write_text(f"RUN=/dev/shm/yanling\nBODIES={disk}/bodies\n")
    done = install("--etc", disk)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"BODIES={disk}/bodies is on a disk (" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_in_use_is_an_error(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (tmp_path / "yanling.env").write_text(
            f"HTTP_LISTEN=127.0.0.1:{port}\nRUN=/dev/shm/yanling\n"
        )
        done = install("--etc", tmp_path)
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr


def test_a_roll_back_needs_a_release_that_ran_before(tmp_path):
    ports = [f"127.0.0.1:{port}" for port in free_ports(3)]
    listen = zip(("HTTP_LISTEN", "HTTPS_LISTEN", "METRICS_LISTEN"), ports, strict=True)
    values = {**dict(listen), "ROOT": tmp_path / "current", "CERTIFICATE": __file__}
    values |= {"RUN": "/dev/shm/yanling"}
    lines = [f"{name}={value}\n" for name, value in values.items()]
    (tmp_path / "yanling.env").write_text("".join(lines))
    done = install("--etc", tmp_path, "--roll-back")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no release that ran before" in done.stderr
