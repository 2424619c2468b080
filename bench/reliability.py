"""What faults and floods do to the real stack: nginx, supervisord and uWSGI from deploy/stack.py.

    python -m bench.reliability [--quick] [--only NAME ...] [--out FILE]

Prints a Markdown table of what was measured and what is wanted, and saves it. Exit status 1 when
something wanted was missed. The long form takes about an hour, most of it the soak.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench import faults, floods, host
from bench.findings import Finding, table
from model.engine import WEIGHTS
from tests.deploy.conftest import ROOT, Stack, house, running_stack, until

Fault = Callable[[Stack], Finding]


def main() -> int:
    chosen = options().parse_args()
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every = kinds(folder, chosen.quick, chosen.requests)
        names = chosen.only or list(every)
        if unknown := set(names) - set(every):
            sys.exit(f"unknown: {', '.join(unknown)}; known: {', '.join(every)}")
        with breakable_stack(folder) as stack:
            for number, each in enumerate(names, 1):
                print(f"[{number}/{len(names)}] {each} ...", file=sys.stderr, flush=True)
                until(stack.is_ready, 60)
                findings.append(every[each](stack))
    text = f"{os.cpu_count()} cores, {os.cpu_count()} workers\n\n{table(findings)}\n"
    print(text)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text)
    return 1 if any(finding.missed for finding in findings) else 0


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter: five minutes")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some of: " + ", ".join(NAMES))
    parser.add_argument(
        "--requests", type=int, metavar="N", help="of the soak (20000; with --quick 1500)"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "reliability.md", metavar="FILE")
    return parser


def kinds(folder: Path, quick: bool = False, requests: int | None = None) -> dict[str, Fault]:
    """Name -> what to do to the stack, in this order."""
    return {
        "worker": partial(faults.killed_workers, times=10 if quick else 50),
        "master": faults.killed_master,
        "reload": faults.reload,
        "stop": faults.stop,
        "hang": faults.hung_worker,
        "sick": faults.sick,
        "weights": partial(faults.broken_weights, weights=folder / "weights"),
        "logs": faults.lost_logs,
        "spool": partial(faults.full_spool, spool=folder / "spool"),
        "disk": partial(host.full_logs, seconds=5 if quick else 20),
        "bodies": floods.full_bodies,
        "clock": partial(host.jumping_clock, folder / "clock"),
        "overload": partial(floods.overload, seconds=15 if quick else 60),
        "slow": partial(floods.slow_clients, seconds=10 if quick else 60),
        "uploads": partial(floods.slow_uploads, seconds=10 if quick else 60),
        "soak": partial(floods.soak, requests=requests or (1500 if quick else 20_000)),
    }


NAMES = list(kinds(Path()))


@contextmanager
def breakable_stack(folder: Path) -> Iterator[Stack]:
    """`make stack` whose weights are in `folder`; whose spool, logs and nginx's bodies are on
    small file systems there; and whose workers are not renewed, because the soak weighs them."""
    spool, weights, bodies = folder / "spool", folder / "weights", folder / "bodies"
    shutil.copytree(WEIGHTS, weights)
    places = f'YANLING_SPOOL="{spool}/photos",YANLING_WEIGHTS="{weights}"'
    changes = {
        "deploy/supervisor/yanling.conf": lambda text: text.replace(
            'YANLING_SPOOL="@RUN@/spool"', places
        ),
        "deploy/nginx/yanling.conf": lambda text: text.replace("@RUN@/nginx-bodies", str(bodies)),
        "uwsgi.ini": lambda text: text.replace("max-requests = 5000\n", ""),
        # supervisord complains there of each line that it cannot log
        "deploy/stack.py": lambda text: text.replace(
            "env=environment", "env=environment, stderr=subprocess.DEVNULL"
        ),
    }
    with (
        small(spool, "8m"),
        small(bodies, "32m"),
        small(folder / "stack", "32m"),
        running_stack(folder / "stack", house(folder, changes)) as stack,
    ):
        yield stack


@contextmanager
def small(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own that can be filled."""
    folder.mkdir(mode=0o700, parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder]).returncode:
        sys.exit("Some folders need small file systems of their own: run this as root.")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


if __name__ == "__main__":
    sys.exit(main())
