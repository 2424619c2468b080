"""`/metrics` for Prometheus, the sum over all workers. nginx keeps it from the outside."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from model import stages
from model.estimator import Face

try:
    import uwsgi
except ImportError:  # any other WSGI server: one process, which counts for itself
    uwsgi = None

bp = Blueprint("metrics", __name__)
COUNTS_BYTES = 64 * 1024  # what prometheus_client takes at first; all series need half of it
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What is counted. Nothing in it tells whose photo it was."""

    def __init__(self):
        registry = self.registry = CollectorRegistry()
        self.requests = Counter(
            "yanling_requests",
            "Requests by route, status and, if refused, code of the problem",
            ["route", "status", "code"],
            registry=registry,
        )
        self.seconds = Histogram(
            "yanling_request_seconds",
            "Time in the service",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self.stages = Histogram(
            "yanling_stage_seconds",
            "Time in each stage of the pipeline",
            ["stage"],
            buckets=SECONDS,
            registry=registry,
        )
        self.faces = Histogram(
            "yanling_faces", "Faces in a photo", buckets=(0, 1, 2, 5, 10, 20), registry=registry
        )
        self.model = Gauge(
            "yanling_model_info",
            "Which weights answer",
            ["name", "version", "engine"],
            multiprocess_mode="max",
            registry=registry,
        )


def register(app: Flask) -> None:
    shared = share(app.config["SPOOL"]) if uwsgi else None
    metrics = app.extensions["metrics"] = Metrics()
    app.extensions["metrics_folder"] = shared
    facts = app.extensions["estimator"].facts
    metrics.model.labels(facts["name"], facts["version"], app.config["ENGINE"]).set(1)
    for name in stages.NAMES:
        metrics.stages.labels(name)  # shown from the start, with nothing in it

    def took(stage: str, seconds: float) -> None:
        metrics.stages.labels(stage).observe(seconds)

    stages.listeners.append(took)

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()

    @app.after_request
    def end(answer: Response) -> Response:
        # not the path: strangers choose it, and each would be a series for ever
        route = request.url_rule.rule if request.url_rule else "none"
        code = g.get("problem_code", "")
        metrics.requests.labels(route, str(answer.status_code), code).inc()
        metrics.seconds.labels(route).observe(perf_counter() - g.began)
        return answer


def share(spool: Path) -> Path:
    """Let the workers write their counts into files beside the spool, in memory as it is. A
    worker that took another's place writes on in its file."""
    folder = spool.with_name(f"{spool.name}-metrics")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not uwsgi.worker_id():  # the master, before it forks
        for old in folder.glob("*.db"):
            old.unlink()
        reserve(folder)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(uwsgi.worker_id)
    return folder


def reserve(folder: Path) -> None:
    """Take the room for every worker's counts now: they are written through mapped memory, and
    where a full file system has no page left for it, the kernel kills the writer.

    Raises OSError when there is no room.
    """
    for kind in ("counter", "histogram", "gauge_max"):
        for worker in range(uwsgi.numproc + 1):
            with (folder / f"{kind}_{worker}.db").open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, COUNTS_BYTES)


def count(faces: list[Face]) -> list[Face]:
    """Take note of how many faces a photo had; the same faces."""
    current_app.extensions["metrics"].faces.observe(len(faces))
    return faces


@bp.get("/metrics")
def show() -> Response:
    registry = current_app.extensions["metrics"].registry
    if folder := current_app.extensions["metrics_folder"]:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(folder))
        registry.register(Workers())
    return Response(generate_latest(registry), mimetype=CONTENT_TYPE_LATEST)


class Workers:
    """What uWSGI knows of its workers at this moment, the one that answers among the busy."""

    def collect(self) -> Iterator[Metric]:
        states = [worker["status"] for worker in uwsgi.workers()]
        busy = sum(state.startswith(b"busy") for state in states)
        yield GaugeMetricFamily("yanling_workers", "Workers of uWSGI", len(states))
        yield GaugeMetricFamily("yanling_workers_busy", "Workers with a request", busy)
