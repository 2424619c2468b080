"""Where the time goes: the service in this process on one core, stage by stage."""

import io
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import numpy as np
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from app.settings import Settings
from bench import machine
from bench.photos import content_type, photos
from bench.tables import Row, Table, command
from bench.turns import turns
from model import timing
from model.engine import WEIGHTS

ORDER = ("receive", *timing.STAGES, "answer")
MEDIANS = "Stages, median ms"
Ask = Callable[[], dict[str, float]]  # sends one request; seconds of each stage and of the `whole`
Times = dict[str, list[float]]  # the same in ms, a value for each request


def measure(repeats: int, only: Sequence[str] = ()) -> list[Table]:
    """Milliseconds of each stage, median and 99th percentile, and its share of the request, for
    all photos or `only` those named."""
    chosen = {name: photos()[name] for name in only or photos()}
    with machine.on(machine.SERVICE), service() as app:
        asks = {name: asking(app, photo) for name, photo in chosen.items()}
        times = stage_times(asks, repeats, "pipeline")
    return [
        Table(
            MEDIANS,
            "The service alone, in one process on one core. *Receive* is everything before "
            "decoding starts, *answer* everything that is in no other stage.",
            [row(name, chosen[name], times[name], 0.5) for name in chosen],
        ),
        Table(
            "Stages, 99th percentile, ms",
            "Of the same requests.",
            [row(name, chosen[name], times[name], 0.99) for name in chosen],
        ),
        Table(
            "Stages, share",
            "Of the total time of all requests with this photo.",
            [{"photo": name, **shares(times[name])} for name in chosen],
        ),
    ]


def stage_times(asks: Mapping[str, Ask], repeats: int, task: str) -> dict[str, Times]:
    """The stages of `repeats` requests of each."""
    times: dict[str, Times] = {name: defaultdict(list) for name in asks}
    for name, _, stages in turns(asks, repeats, task):
        for stage, seconds in stages.items():
            times[name][stage].append(seconds * 1000)
    return times


@contextmanager
def service() -> Iterator[Flask]:
    """The service with its spool in memory where there is /dev/shm."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as run:
        yield create_app(Settings("onnx", WEIGHTS, Path(run) / "spool"))


def asking(app: Flask, photo: bytes) -> Ask:
    """A function that posts the photo to /v1/faces. It raises RuntimeError unless answered 200."""
    type_ = content_type(photo)

    def ask() -> dict[str, float]:
        environ = EnvironBuilder(
            "/v1/faces", method="POST", input_stream=io.BytesIO(photo),
            content_type=type_, content_length=len(photo),
        ).get_environ()  # fmt: skip
        seconds = dict.fromkeys(ORDER, 0.0)

        def record(stage: str, length: float) -> None:
            if stage == "decode":
                seconds["receive"] = perf_counter() - length - began
            seconds[stage] += length

        with timing.listening(record):
            began = perf_counter()
            _, status, _ = run_wsgi_app(app, environ, buffered=True)
            whole = perf_counter() - began
        if status != "200 OK":
            raise RuntimeError(f"the service answered {status}")
        seconds["answer"] = whole - sum(seconds.values())
        return seconds | {"whole": whole}

    return ask


def row(name: str, photo: bytes, times: Times, quantile: float) -> Row:
    figures = {
        stage: round(float(np.quantile(times[stage], quantile)), 2) for stage in (*ORDER, "whole")
    }
    return {"photo": name, "kB": len(photo) // 1000, **figures}


def shares(times: Times) -> Row:
    whole = sum(times["whole"])
    return {stage: round(sum(times[stage]) / whole, 3) for stage in ORDER}


if __name__ == "__main__":
    command(__doc__, measure, "--repeats", 100)
