"""The stack on a processor that cannot run it, and on some of a machine's cores."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from deploy.testing.ports import free_ports
from deploy.testing.service import ROOT, clean_environment
from deploy.testing.stack import Stack, running_stack
from deploy.testing.waiting import until

# every Python process of the stack then believes that its processor has no AVX
NO_AVX = """\
from numpy._core._multiarray_umath import __cpu_features__
__cpu_features__["AVX"] = False
"""


@contextmanager
def starting_stack(folder, environment):
    """A stack that need not become ready."""
    ports = free_ports(3)
    names = ("--https-port", "--http-port", "--metrics-port")
    options = [f"{name}={port}" for name, port in zip(names, ports, strict=True)]
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.stack", folder, *options],
        cwd=ROOT,
        env=clean_environment() | environment,
    )
    try:
        yield Stack(folder, *ports)
    finally:
        process.terminate()
        process.wait()


def test_a_processor_without_avx_is_named_once_and_not_tried_again(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(NO_AVX)
    log = tmp_path / "logs" / "supervisord.log"
    with starting_stack(tmp_path, {"PYTHONPATH": str(tmp_path)}) as stack:
        until(lambda: log.exists() and "exited: yanling " in log.read_text())
        assert "exited: yanling (exit status 78; expected)" in log.read_text()
        assert "EXITED" in stack.supervisorctl("status", "yanling")
    assert log.read_text().count("spawned: 'yanling'") == 1
    assert (tmp_path / "logs/yanling.log").read_text().count("This processor has no AVX") == 1


def test_there_is_a_worker_for_each_core_that_the_stack_may_use(tmp_path):
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(every)})  # what this process starts inherits it
    try:
        with running_stack(tmp_path) as stack:
            assert len(stack.workers()) == 1
    finally:
        os.sched_setaffinity(0, every)


def check_processor(cpuinfo, machine):
    script = '. deploy/host.sh; die() { echo "$*"; exit 1; }; check_processor "$1" "$2"'
    command = ["bash", "-c", script, "bash", cpuinfo, machine]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("flags", "machine", "complaint"),
    [
        ("fpu sse4_2 avx avx2", "x86_64", ""),
        ("fpu sse4_2 avx512f", "x86_64", "has no AVX: use an x86-64 host with AVX"),
        ("asimd", "aarch64", ""),
        ("fpu", "i686", "needs an x86-64 processor with AVX, or arm64; this is i686"),
    ],
)
def test_the_processor_is_looked_at_before_anything_is_installed(
    tmp_path, flags, machine, complaint
):
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    done = check_processor(tmp_path / "cpuinfo", machine)
    assert done.returncode == (1 if complaint else 0)
    assert complaint in done.stdout
    assert (done.stdout == "") == (complaint == "")
    install = (ROOT / "deploy/install.sh").read_text()
    assert 0 < install.index("\ncheck_processor") < install.index("\n    write_settings")
