"""A peer's process, pinned to one core: photos in, answers out."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from bench.peers.roster import Peer

ROOT = Path(__file__).parents[2]


class Answer(NamedTuple):
    """`seconds`: from a photo's bytes to its faces; `cpu`: seconds of work in that time;
    `faces`: a `{area, age, female}` each, in any order."""

    seconds: float
    cpu: float
    faces: list[dict]


class Running:
    """Started with `core` as its only one; what it prints otherwise goes to `log`."""

    def __init__(self, peer: Peer, core: int, log: Path):
        self.peer, self._core, self._log = peer, core, log
        self._began = time.perf_counter()
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {core})  # a process has its parent's cores
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                peer.command,
                cwd=ROOT,
                env={**os.environ, **peer.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        os.sched_setaffinity(0, before)

    def ask(self, photo: Path) -> Answer:
        """Raises RuntimeError, with the end of its log, when the peer has died."""
        try:
            self._process.stdin.write(f"{photo}\n")
            self._process.stdin.flush()
            return Answer(**json.loads(self._process.stdout.readline()))
        except (BrokenPipeError, ValueError) as error:
            end = self._log.read_text()[-2000:]
            raise RuntimeError(f"{self.peer.name} died:\n{end}") from error

    def first_answer(self, photo: Path) -> float:
        """Seconds from exec to the answer; to be called as soon as it is started.

        Raises RuntimeError when a thread has freed itself from the core: that would not be fair.
        """
        self.ask(photo)
        seconds = time.perf_counter() - self._began
        for task in Path(f"/proc/{self._process.pid}/task").iterdir():
            if os.sched_getaffinity(int(task.name)) != {self._core}:
                raise RuntimeError(f"{self.peer.name} has a thread on another core")
        return seconds

    def memory(self) -> float:
        """MB (PSS: pages shared with others counted in part)."""
        lines = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000

    def stop(self) -> None:
        self._process.communicate()  # closes its input, which ends it
