"""What /proc says about a process."""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds


def children(process: int) -> set[int]:
    """The processes that `process` has started and that still exist; none when it is gone."""
    return set(map(int, _read(process, f"task/{process}/children").split()))


def family(process: int) -> list[int]:
    """The process, its children and their descendants."""
    return [process, *(pid for child in sorted(children(process)) for pid in family(child))]


def command(process: int) -> str:
    """Its command line; empty for a zombie and when it is gone."""
    return _read(process, "cmdline").replace("\0", " ")


def is_running(process: int) -> bool:
    """False also for a zombie, which only waits for its parent to read its exit status."""
    return _stat(process)[:1] not in ([], ["Z"])


@contextmanager
def frozen(workers: Iterable[int]) -> Iterator[None]:
    """Stopped by a signal, and continued when the block ends, unless they were killed for it."""
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGCONT)


def pss(process: int, kind: str = "Pss") -> float:
    """Megabytes of memory, shared pages counted in proportion (proportional set size). `kind`
    "Pss_Anon" leaves out files, such as libraries."""
    return _number(process, "smaps_rollup", kind) / 1000


def cpu(process: int) -> float:
    """Seconds of CPU time that the process has used, and those of its children that have ended."""
    return sum(map(int, _stat(process)[11:15])) * TICK


def peak(process: int) -> float:
    """Megabytes of memory that it has held at most (VmHWM), since `forget_peak`."""
    return _number(process, "status", "VmHWM") / 1000


def forget_peak(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5")


def written(process: int) -> int:
    """Bytes that the process and its dead children gave to disks; memory file systems are none."""
    return _number(process, "io", "write_bytes")


def open_files(process: int) -> list[Path]:
    """The targets of its file descriptors, without those closed meanwhile."""
    found = []
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(link.readlink())
    return found


def _stat(process: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on, see proc(5)."""
    return _read(process, "stat").rpartition(")")[2].split()


def _number(process: int, file: str, name: str) -> int:
    lines = _read(process, file).splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _read(process: int, file: str) -> str:
    """Empty when the process is gone."""
    try:
        return Path(f"/proc/{process}/{file}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
