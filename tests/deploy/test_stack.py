"""`make stack` installs what it runs, and shares nothing with another one."""

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

import deploy.stack
from deploy.testing.ports import free_ports
from deploy.testing.service import ROOT

OWN = {"CERTIFICATE", "CERTIFICATE_KEY", "PUBLIC_URL", "RUN", "NGINX_LOGS", "UWSGI_LOGS"}
OWN |= {"HTTPS_LISTEN", "HTTP_LISTEN", "METRICS_LISTEN", "NGINX_PID", "RELAYS"}


def options(ports):
    names = ("https", "http", "metrics")
    return [f"--{name}-port={port}" for name, port in zip(names, ports, strict=True)]


def test_it_installs_only_what_serving_needs():
    plan = ["make", "--dry-run", "--what-if", "requirements/serving.txt", "stack"]
    said = subprocess.run(plan, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"-r requirements/(\w+)\.txt", said) == ["serving"]
    assert re.findall(r"deploy/programs.sh(.*)", said) == [""]
    programs = (ROOT / "deploy/programs.sh").read_text()
    assert "for pair in nginx:nginx-light openssl:openssl " in programs


def test_two_stacks_have_their_own_folders_and_ports(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(deploy.stack, "ROOT", tmp_path)
    monkeypatch.setattr(deploy.stack, "serve", lambda _, values, __: seen.append(values) or 0)
    ports = free_ports(6)
    for mine in (ports[:3], ports[3:]):
        done = CliRunner().invoke(deploy.stack.main, options(mine))
        assert done.exit_code == 0, done.output
    first, second = seen
    assert {name for name in first if first[name] != second[name]} == OWN


@pytest.mark.parametrize("same", ["folder", "port"])
def test_a_stack_that_would_share_is_refused(stack, tmp_path, same):
    ports = free_ports(3)
    folder, said = stack.logs.parent, "another stack runs in"
    if same == "port":
        ports[0], folder, said = stack.https_port, tmp_path, f"--https-port {stack.https_port}:"
    command = [sys.executable, "-m", "deploy.stack", folder, *options(ports)]
    control = stack.control.read_text()
    pipe = subprocess.PIPE
    other = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    assert other.stdout
    ready = other.stdout.readline()
    other.terminate()  # if it did start
    error = other.communicate()[1]
    assert (ready, other.returncode) == ("", 1)
    assert said in error
    assert len(error.splitlines()) == 1
    assert stack.control.read_text() == control
    assert stack.is_ready()
