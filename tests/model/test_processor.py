"""What the processor offers; tests/deploy/test_processor.py starts the stack on one without AVX."""

import os
import platform
import subprocess
import sys

import pytest
from numpy._core._multiarray_umath import __cpu_features__ as features

from model import processor

MACHINE_CORES = 8


@pytest.fixture
def limits(tmp_path, monkeypatch):
    """A machine of eight cores whose control groups are in a folder."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(MACHINE_CORES)))

    def limits(groups, files):
        (tmp_path / "cgroup").write_text(groups)
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
        return tmp_path / "cgroup", tmp_path

    return limits


V2 = "0::/system.slice/supervisor.service\n"
V1 = "5:cpuset:/\n4:cpu,cpuacct:/docker/0123\n1:name=systemd:/docker/0123\n0::/\n"


@pytest.mark.parametrize(
    ("groups", "files", "cores"),
    [
        (V2, {}, 8),
        (V2, {"system.slice/supervisor.service/cpu.max": "max 100000\n"}, 8),
        (V2, {"system.slice/supervisor.service/cpu.max": "150000 100000\n"}, 2),
        (V2, {"system.slice/supervisor.service/cpu.max": "20000 100000\n"}, 1),
        (V2, {"system.slice/supervisor.service/cpu.max": "1600000 100000\n"}, 8),
        (V2, {"system.slice/cpu.max": "300000 100000\n"}, 3),
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        (V1, {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8),
        (V1, {"cpu/cpu.cfs_quota_us": "250000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
        (
            V1,
            {
                "cpu/docker/0123/cpu.cfs_quota_us": "50000\n",
                "cpu/docker/0123/cpu.cfs_period_us": "50000\n",
            },
            1,
        ),
    ],
)
def test_the_quota_of_the_control_groups_limits_the_cores(limits, groups, files, cores):
    assert processor.cores(*limits(groups, files)) == cores


def test_a_host_without_control_groups_has_all_its_cores(limits, tmp_path):
    limits("", {})
    assert processor.cores(tmp_path / "none", tmp_path / "none") == MACHINE_CORES


def test_only_cores_that_the_process_may_run_on_count():
    core = str(min(os.sched_getaffinity(0)))
    command = ["taskset", "-c", core, sys.executable, "-I", processor.__file__]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_only_x86_needs_avx(monkeypatch, machine, capsys):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setitem(features, "AVX", False)
    if machine == "aarch64":
        processor.check()
        return
    with pytest.raises(SystemExit) as stopped:
        processor.check()
    assert stopped.value.code == processor.UNFIT
    assert "x86-64 host with AVX" in capsys.readouterr().err
