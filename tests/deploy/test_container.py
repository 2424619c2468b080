"""The containers of deploy/container/, as far as they show without building or running one: the
programs, files and settings are theirs. tests/scale/container.sh builds the image and runs it."""

import getpass
import json
import re
import shutil
import signal
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from deploy.stack import make_certificate
from deploy.testing.ports import free_ports
from deploy.testing.service import BIN, ROOT, clean_environment, is_ready
from deploy.testing.stack import Stack
from deploy.testing.waiting import until
from model.photo import MAX_BYTES
from tests.deploy.image import CLIENTS, PROBES, instructions, only
from tests.deploy.problems import assert_problem

FOLDER = ROOT / "deploy" / "container"


def fill(file, target, **changes):
    """Copy `file` with these words replaced, each of which it must have."""
    text = file.read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, str(new))
    target.write_text(text)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A folder with what the Containerfile copies from the checkout, and the two ports, free ones,
    on which it listens here."""
    folder, ports = tmp_path_factory.mktemp("image"), free_ports(2)
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from="):
            *sources, target = rest.split()
            for source in sources:
                copy(source, folder / target)
    settings = folder / "deploy" / "http.ini"
    fill(settings, settings, **{str(CLIENTS): ports[0], str(PROBES): ports[1]})
    return SimpleNamespace(folder=folder, clients=ports[0], probes=ports[1])


def copy(source, target):
    """As COPY does: what is in a folder, or files into one. Only what is in git."""
    patterns = [f":(glob){source}", f":(glob){source}/**"]
    listed = subprocess.check_output(["git", "ls-files", *patterns], cwd=ROOT, text=True)
    assert listed, source
    for file in map(Path, listed.splitlines()):
        place = target / (file.relative_to(source) if (ROOT / source).is_dir() else file.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, place)


@pytest.fixture(scope="module")
def service(image, tmp_path_factory):
    """uWSGI as the container starts it, with the packages of the checkout."""
    command = [
        word.replace("/opt/venv/bin", str(BIN)).replace("/opt/yanling", str(image.folder))
        for word in [*json.loads(only("ENTRYPOINT")), *json.loads(only("CMD"))]
    ]
    environment = clean_environment()
    environment["YANLING_SPOOL"] = str(tmp_path_factory.mktemp("shm") / "spool")
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    probes = f"http://127.0.0.1:{image.probes}"
    try:
        until(lambda: process.poll() is not None or is_ready(probes))
        assert process.poll() is None
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def stack(service, image, tmp_path_factory):  # noqa: ARG001
    """nginx as compose.yaml starts it, in front of that uWSGI."""
    folder, (https, http) = tmp_path_factory.mktemp("nginx"), free_ports(2)
    front = Stack(folder, https, http, image.probes)
    make_certificate(front.certificate, folder / "tls" / "key.pem")
    shutil.copy(ROOT / "deploy" / "nginx" / "yanling-problems.conf", folder)
    changes = {" /tmp/": f" {folder}/", "/dev/stdout": folder / "access.log"}
    changes |= {"/etc/yanling": folder / "tls", f"yanling:{CLIENTS}": f"127.0.0.1:{image.clients}"}
    changes |= {"listen 8080": f"listen {http}", "listen 8443": f"listen {https}"}
    fill(FOLDER / "nginx" / "nginx.conf", folder / "nginx.conf", **changes)
    command = ["/usr/sbin/nginx", "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
    options = f"daemon off; user {getpass.getuser()};"
    process = subprocess.Popen([*command, "-g", options])
    try:
        until(lambda: process.poll() is not None or (folder / "nginx.pid").exists())
        assert process.poll() is None, "nginx stopped, for the reason on stderr"
        yield front
    finally:
        process.terminate()
        process.wait()


def test_a_photo_in_and_the_answer_out(stack, portrait_file):
    answer = stack.upload(portrait_file)
    assert answer.json()["gender"] == "Female"
    log = stack.logs.parent / "access.log"
    until(lambda: answer.headers["x-request-id"] in log.read_text())
    assert "127.0.0.1" not in log.read_text()
    assert stack.curl(f"{stack.http}/upload").status == 308


def test_metrics_are_not_for_clients(stack, image):
    numbers = stack.curl(f"{stack.inside}/metrics")
    assert numbers.status == 200
    assert re.search(r"^yanling_queue \d", numbers.body, re.MULTILINE)
    assert stack.curl(f"http://127.0.0.1:{image.clients}/metrics").status == 404
    assert_problem(stack.curl("/metrics"), 404, "not_found")


@pytest.mark.parametrize(
    ("size", "status", "code"),
    [(MAX_BYTES, 415, "unsupported_type"), (11 * 2**20, 413, "too_large")],
)
def test_bodies_of_ten_megabytes_and_more(stack, tmp_path, size, status, code):
    """The service answers the first, nginx the second, in the same form."""
    (tmp_path / "zeros").write_bytes(bytes(size))
    body = ["--data-binary", f"@{tmp_path / 'zeros'}", "-H", "Content-Type: image/jpeg"]
    assert_problem(stack.curl("/v1/faces", *body), status, code)


def test_the_health_check_knows_whether_it_answers(stack):
    arguments = json.loads(only("HEALTHCHECK").partition("CMD ")[2])

    def check(address):
        words = [word.replace(f"http://127.0.0.1:{PROBES}", address) for word in arguments]
        return subprocess.run(words, capture_output=True).returncode

    assert check(stack.inside) == 0
    assert check(f"http://127.0.0.1:{free_ports(1)[0]}") != 0


def test_it_finishes_and_ends_with_0_on_sigterm_and_clients_hear_that_it_is_busy(service, stack):
    assert only("STOPSIGNAL") == signal.SIGTERM.name
    service.send_signal(signal.SIGTERM)
    assert service.wait(60) == 0
    assert_problem(stack.curl("/readyz"), 503, "busy")


def test_only_the_locked_packages_are_installed():
    installs = [rest for name, rest in instructions() if name == "RUN" and "/pip" in rest]
    assert len(installs) == 1
    assert '"/opt/venv serving"' in installs[0]
    assert "install --no-deps --require-hashes --only-binary :all: -r" in installs[0]


def test_the_image_is_not_root_and_says_what_it_is():
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", only("USER"))
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', only("LABEL")))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert labels["version"] == project["version"]
    assert labels.keys() >= {"title", "description", "revision", "licenses"}


def test_compose_lets_no_container_write_or_gain_rights():
    compose = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"] == service["memswap_limit"], name
        assert set(service["networks"]) <= compose["networks"].keys(), name
        for volume in service.get("volumes", []):
            source, _, rights = volume.rsplit(":", 2)
            assert rights == "ro"
            assert source.startswith("${TLS:") or (FOLDER / source).is_file()
    build = compose["services"]["yanling"]["build"]
    assert (FOLDER / build["context"] / build["dockerfile"]).is_file()
    assert compose["services"]["yanling"]["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}
