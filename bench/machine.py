"""A description of the machine, and which of its cores are used for what."""

import datetime
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# the extensions that int8 arithmetic gains most from, the best last
FLAGS = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
CORES = sorted(os.sched_getaffinity(0))
SERVICE, GENERATOR = {CORES[0]}, {CORES[-1]}  # the same on a single core


@contextmanager
def on(cores: set[int]) -> Iterator[None]:
    """Pin this thread, and every process that it starts, to these cores until the block ends."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def words() -> dict[str, str]:
    """Processor, its vector instructions, cores, memory, system and today's date."""
    pairs = (line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines())
    facts = {name.strip(): value.strip() for name, _, value in pairs}
    flags = facts.get("flags", facts.get("Features", "")).split()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": facts.get("model name", platform.machine()),
        "virtual": "yes" if "hypervisor" in flags else "not detected",
        "instructions": ", ".join(flag for flag in FLAGS if flag in flags) or "none of these",
        "cores": str(len(CORES)),
        "memory": f"{pages / 1e9:.0f} GB",
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "load average before": f"{os.getloadavg()[0]:.1f}",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
