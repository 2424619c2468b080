"""What could write photos from memory to a disk is refused or warned of, in one line."""

import os
import subprocess

import pytest

from deploy.testing.service import ROOT

SCRIPT = """
set -euo pipefail
die() { echo "refused: $*" >&2; exit 1; }
. deploy/memory.sh
$0 "$@"
"""
# knows two disks, one of them encrypted, and the file systems of /plain and /safe
LSBLK = (
    "#!/bin/sh\ncase $3 in /dev/mapper/safe) echo 'crypt\ndisk' ;; *) echo 'part\ndisk' ;; esac\n"
)
FINDMNT = "#!/bin/sh\ncase $4 in /safe*) echo /dev/mapper/safe ;; *) echo /dev/sda1 ;; esac\n"
HEAD = "Filename Type Size Used Priority\n"


@pytest.fixture
def check(tmp_path):
    """Runs a check with files of these contents, None for one that does not exist; what it says."""
    for name, text in (("lsblk", LSBLK), ("findmnt", FINDMNT)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def check(function, *contents):
        files = [tmp_path / f"file-{number}" for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            if content is not None:
                file.write_text(content)
        done = subprocess.run(
            ["bash", "-c", SCRIPT, function, *files],
            cwd=ROOT, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == done.stderr.startswith("refused: ")
        assert len(done.stderr.splitlines()) <= 1
        assert done.stdout == ""
        return done.stderr

    return check


@pytest.mark.parametrize(
    ("swaps", "limit", "said"),
    [
        ([], "max", ""),
        (["/dev/mapper/safe", "/safe/swapfile"], "max", ""),
        (["/dev/zram9"], "max", ""),
        (["/dev/sda2"], "max", "warning: swap without encryption (/dev/sda2): "),
        (["/safe/swapfile", "/plain/swapfile"], "max", "warning: swap without encryption (/plain/"),
        (["/dev/sda2", "/plain/file"], None, "refused: swap without encryption (/dev/sda2, /plain"),
        (["/dev/mapper/safe"], None, "warning: no systemd with cgroup v2"),
        ([], None, "warning: no systemd with cgroup v2"),
    ],
)
def test_swap_that_photos_could_reach(check, swaps, limit, said):
    table = HEAD + "".join(f"{place} partition 1 0 -2\n" for place in swaps)
    text = check("check_swap", table, limit)
    assert said in text
    assert bool(said) == bool(text)


@pytest.mark.parametrize(
    ("kdump", "pattern", "said"),
    [
        ("0\n", "core\n", ""),
        (None, None, ""),
        ("0\n", "|/usr/lib/systemd/systemd-coredump %P %u\n", ""),
        ("0\n", "|/usr/share/apport/apport -p%p\n", "warning: core dumps go to |/usr/share/"),
        ("1\n", "core\n", "refused: kdump is on"),
    ],
)  # fmt: skip
def test_dumps_that_photos_could_reach(check, kdump, pattern, said):
    text = check("check_dumps", kdump, pattern)
    assert said in text
    assert bool(said) == bool(text)


def test_logs_that_nothing_rotates(check, tmp_path):
    assert "kept, for ever" in check("check_logrotate", None)
    (tmp_path / "cron").write_text("")
    (tmp_path / "cron").chmod(0o755)
    assert check("check_logrotate", None) == ""
