"""What a running process holds and has used, from /proc."""

import os
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds


def family(process: int) -> list[int]:
    """The process, its children and theirs."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(pid for child in children for pid in family(int(child)))]


def pss(process: int, kind: str = "Pss") -> float:
    """MB of memory, what is shared counted by parts (proportional set size); `kind` "Pss_Anon":
    without files, such as libraries."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{kind}:"))


def cpu(process: int) -> float:
    """Seconds of CPU time that it and all below it have used."""
    return sum(map(_own_cpu, family(process)))


def _own_cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK
