"""A peer's process, pinned to one core: photos in, answers out."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from bench import machine
from bench.peers.roster import Peer
from deploy.testing.processes import pss
from deploy.testing.service import ROOT


class Answer(NamedTuple):
    """`seconds` from a photo's bytes to its faces; `cpu`: seconds of CPU time in them; `faces`: a
    dictionary `{area, age, female}` for each, in any order."""

    seconds: float
    cpu: float
    faces: list[dict]


class Running:
    """A process pinned to `core`; its standard error goes to `log`."""

    def __init__(self, peer: Peer, core: int, log: Path):
        self.peer, self._core, self._log = peer, core, log
        self._began = time.perf_counter()
        with log.open("w") as errors, machine.on({core}):
            self._process = subprocess.Popen(
                peer.command, cwd=ROOT, env={**os.environ, **peer.environment}, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip

    def ask(self, photo: Path) -> Answer:
        """Raises RuntimeError, with the end of its log, when the peer has died."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(f"{photo}\n")
            self._process.stdin.flush()
            return Answer(**json.loads(self._process.stdout.readline()))
        except (BrokenPipeError, ValueError) as error:
            end = self._log.read_text()[-2000:]
            raise RuntimeError(f"{self.peer.name} died:\n{end}") from error

    def first_answer(self, photo: Path) -> float:
        """Seconds from exec to the first answer; call it right after the start.

        Raises RuntimeError when a thread runs on another core, which would not be fair.
        """
        self.ask(photo)
        seconds = time.perf_counter() - self._began
        for task in Path(f"/proc/{self._process.pid}/task").iterdir():
            if os.sched_getaffinity(int(task.name)) != {self._core}:
                raise RuntimeError(f"{self.peer.name} has a thread on another core")
        return seconds

    def memory(self) -> float:
        """MB of PSS."""
        return pss(self._process.pid)

    def stop(self) -> None:
        self._process.communicate()  # closes its input: it exits
