"""`/metrics` for Prometheus, summed over all workers. nginx does not expose it to the outside."""

import os
from collections.abc import Iterator
from contextlib import suppress
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

from app import server
from app.server import uwsgi
from app.spool import counters, make_private
from model import timing
from model.estimator import Face

bp = Blueprint("metrics", __name__)
COUNTS_BYTES = 64 * 1024  # prometheus_client's initial file size; all series need half of it
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The metrics. None identifies a client or a photo."""

    def __init__(self):
        registry = self.registry = CollectorRegistry()
        self.requests = Counter(
            "yanling_requests",
            "Requests by route, status and, if refused, problem code",
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
        self.not_judged = Counter(
            "yanling_faces_not_judged",
            "Faces beyond what one photo may cost",
            registry=registry,
        )
        self.model = Gauge(
            "yanling_model_info",
            "The weights in use",
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
    for name in timing.STAGES:
        metrics.stages.labels(name)  # listed from the start, with a count of 0

    def record_stage(stage: str, seconds: float) -> None:
        metrics.stages.labels(stage).observe(seconds)

    # a context manager as a decorator: it listens during each request
    app.wsgi_app = timing.listening(record_stage)(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()

    @app.after_request
    def end(answer: Response) -> Response:
        # not the path: clients choose it, and each new one would be a series forever
        route = request.url_rule.rule if request.url_rule else "none"
        code = g.get("problem_code", "")
        metrics.requests.labels(route, str(answer.status_code), code).inc()
        metrics.seconds.labels(route).observe(perf_counter() - g.began)
        return answer


def share(spool: Path) -> Path:
    """Make prometheus_client keep each worker's counts in a file beside the spool, in memory like
    it. A worker that replaces another continues its file."""
    folder = counters(spool)
    make_private(folder)
    if not uwsgi.worker_id():  # in the master, before it forks
        for old in folder.glob("*.db"):
            old.unlink()
        reserve(folder)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(uwsgi.worker_id)
    return folder


def reserve(folder: Path) -> None:
    """Allocate every worker's file in advance: counts are written through mapped memory, and when
    the file system is full the kernel kills the process that writes (SIGBUS).

    Raises OSError when there is no room.
    """
    for kind in ("counter", "histogram", "gauge_max"):
        for worker in range(uwsgi.numproc + 1):
            with (folder / f"{kind}_{worker}.db").open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, COUNTS_BYTES)


def count(faces: list[Face], not_judged: int) -> None:
    """Record how many faces of a photo were judged, and how many were not."""
    metrics = current_app.extensions["metrics"]
    metrics.faces.observe(len(faces))
    metrics.not_judged.inc(not_judged)


@bp.get("/metrics")
def show() -> Response:
    registry = current_app.extensions["metrics"].registry
    if folder := current_app.extensions["metrics_folder"]:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(folder))
        registry.register(Workers())
        registry.register(Certificate(current_app.config["SPOOL"]))
    return Response(generate_latest(registry), mimetype=CONTENT_TYPE_LATEST)


class Workers:
    """The number of uWSGI's workers now; the one that answers counts as busy. Where clients come
    over TCP, also how many requests wait for a worker."""

    def collect(self) -> Iterator[Metric]:
        states = [worker["status"] for worker in uwsgi.workers()]
        busy = sum(state.startswith(b"busy") for state in states)
        yield GaugeMetricFamily("yanling_workers", "uWSGI workers", len(states))
        yield GaugeMetricFamily("yanling_workers_busy", "uWSGI workers with a request", busy)
        if (waiting := server.backlog()) is not None:
            yield GaugeMetricFamily("yanling_queue", "Requests that wait for a worker", waiting)


class Certificate:
    """When the certificate that nginx serves expires: deploy/expiry.py writes it beside the spool.
    Without that file there is no such metric."""

    def __init__(self, spool: Path):
        self.file = spool.with_name(f"{spool.name}-certificate")

    def collect(self) -> Iterator[Metric]:
        with suppress(OSError, ValueError):
            yield GaugeMetricFamily(
                "yanling_certificate_expiry_timestamp_seconds",
                "Unix time at which the certificate for HTTPS expires",
                float(self.file.read_text()),
            )
