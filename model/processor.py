"""What the host's processor offers: whether it can run the service at all, and how many cores.

    python3 model/processor.py      the number of cores that this process may use

Needs no library when it is run, because uWSGI asks before anything else.
"""

import os
import platform
import sys
import time
from math import ceil
from pathlib import Path

UNFIT = 78  # EX_CONFIG of sysexits.h: a restart would not help
STAY_SECONDS = 6  # supervisor takes an exit status as final only after startsecs


def check() -> None:
    """End the process with one sentence on a processor without AVX, on which importing dlib would
    kill it without a word."""
    from numpy._core._multiarray_umath import __cpu_features__ as features

    if platform.machine() in ("x86_64", "AMD64") and not features["AVX"]:
        sys.stderr.write(
            "This processor has no AVX, which dlib needs: use an x86-64 host with AVX, or pass the "
            'host\'s processor on to the virtual machine (CPU type "host").\n'
        )
        if "uwsgi" in sys.modules:
            time.sleep(STAY_SECONDS)
        sys.exit(UNFIT)


def cores(groups: Path = Path("/proc/self/cgroup"), limits: Path = Path("/sys/fs/cgroup")) -> int:
    """How many cores this process may keep busy: those that it may run on (`taskset`), at most the
    quota of its control groups (`docker run --cpus`, systemd's CPUQuota), rounded up.

    `groups`: the kernel's list of the process's control groups; `limits`: where they are mounted.
    """
    allowed = len(os.sched_getaffinity(0))
    return max(1, ceil(min([allowed, *quotas(groups, limits)])))


def quotas(groups: Path, limits: Path) -> list[float]:
    """The quota in cores of each of the process's control groups and their parents that has one."""
    found = []
    for line in groups.read_text().splitlines() if groups.exists() else ():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        mount = limits / "cpu" if controllers else limits  # version 1 has names, 2 has none
        group = Path(path.strip("/"))
        found += [quota(mount / each) for each in (group, *group.parents)]
    return [cores for cores in found if cores]


def quota(group: Path) -> float | None:
    """The quota of one control group in cores, None where it has none."""
    try:
        if (group / "cpu.max").exists():
            most, period = (group / "cpu.max").read_text().split()
        else:
            names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
            most, period = ((group / name).read_text().strip() for name in names)
    except OSError:
        return None
    return None if most in ("max", "-1") else int(most) / int(period)


if __name__ == "__main__":
    print(cores())
