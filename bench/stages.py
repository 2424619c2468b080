"""Where the time goes: the service in this process, on one core, stage by stage.

    python -m bench.stages [--repeats 100] [--only PHOTO ...]

Photos take turns, so that what disturbs the machine disturbs them all.
"""

import argparse
import io
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from flask import Flask
from rich.console import Console
from rich.progress import track
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from app.settings import Settings
from bench import machine, report
from bench.photos import content_type, photos
from bench.report import Row, Table
from model import stages
from model.engine import WEIGHTS

ORDER = ("receive", *stages.NAMES, "answer")
WARM_UP = 3
Ask = Callable[[], dict[str, float]]  # sends one request; seconds of each stage and of the `whole`
Times = dict[str, list[float]]  # the same in ms, a value a request


def measure(repeats: int = 100, only: Sequence[str] = ()) -> list[Table]:
    """Milliseconds of each stage, median and 99th percentile, and its share of the request."""
    chosen = {name: photos()[name] for name in only or photos()}
    with machine.on(machine.SERVICE), service() as app:
        asks = {name: asking(app, photo) for name, photo in chosen.items()}
        times = together(asks, repeats)
    return [
        Table(
            "Stages, median ms",
            "The service alone, in one process on one core. *Receive* is all before the decoder "
            "starts, *answer* all that is in no other stage.",
            [row(name, chosen[name], times[name], statistics.median) for name in chosen],
        ),
        Table(
            "Stages, 99th percentile, ms",
            "Of the same requests.",
            [row(name, chosen[name], times[name], p99) for name in chosen],
        ),
        Table(
            "Stages, share",
            "Of the whole time of all requests with such a photo.",
            [{"photo": name, **shares(times[name])} for name in chosen],
        ),
    ]


def together(asks: dict[str, Ask], repeats: int, task: str = "stages") -> dict[str, Times]:
    """Ask each in turn, `repeats` times after some to warm up."""
    times: dict[str, Times] = {name: defaultdict(list) for name in asks}
    rounds = track(range(-WARM_UP, repeats), task, console=Console(stderr=True))
    for number in rounds:
        for name, ask in asks.items():
            for stage, seconds in ask().items():
                if number >= 0:
                    times[name][stage].append(seconds * 1000)
    return times


@contextmanager
def service() -> Iterator[Flask]:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as run:
        listeners = list(stages.listeners)
        try:
            yield create_app(Settings("onnx", WEIGHTS, Path(run) / "spool"))
        finally:
            stages.listeners[:] = listeners


def asking(app: Flask, photo: bytes) -> Ask:
    """What posts the photo to /v1/faces, in this process."""
    type_ = content_type(photo)

    def ask() -> dict[str, float]:
        environ = EnvironBuilder(
            "/v1/faces", method="POST", input_stream=io.BytesIO(photo),
            content_type=type_, content_length=len(photo),
        ).get_environ()  # fmt: skip
        seconds = dict.fromkeys(ORDER, 0.0)

        def took(stage: str, length: float) -> None:
            if stage == "decode":
                seconds["receive"] = perf_counter() - length - began
            seconds[stage] += length

        stages.listeners.append(took)
        try:
            began = perf_counter()
            _, status, _ = run_wsgi_app(app, environ, buffered=True)
            whole = perf_counter() - began
        finally:
            stages.listeners.remove(took)
        if status != "200 OK":
            raise RuntimeError(f"the service answered {status}")
        seconds["answer"] = whole - sum(seconds.values())
        return seconds | {"whole": whole}

    return ask


def row(name: str, photo: bytes, times: Times, of: Callable[[Sequence[float]], float]) -> Row:
    figures = {stage: round(of(times[stage]), 2) for stage in (*ORDER, "whole")}
    return {"photo": name, "kB": len(photo) // 1000, **figures}


def shares(times: Times) -> Row:
    whole = sum(times["whole"])
    return {stage: round(sum(times[stage]) / whole, 3) for stage in ORDER}


def p99(values: Sequence[float]) -> float:
    """The 99th percentile; of one value that value."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=100, metavar="N", help="%(default)s")
    parser.add_argument("--only", nargs="+", choices=photos(), metavar="PHOTO", default=())
    chosen = parser.parse_args()
    report.show(measure(chosen.repeats, chosen.only))


if __name__ == "__main__":
    main()
