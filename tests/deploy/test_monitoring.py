"""Alerts and the dashboard ask for what `/metrics` really has."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
import yaml

from app import create_app
from app.settings import Settings
from model.engine import WEIGHTS
from tests.deploy.conftest import until

DEPLOY = Path(__file__).parents[2] / "deploy"
WORKERS = {"yanling_workers", "yanling_workers_busy"}  # known under uWSGI alone


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Names of samples, with their labels."""
    app = create_app(Settings("onnx", WEIGHTS, tmp_path_factory.mktemp("spool") / "private"))
    client = app.test_client()
    client.get("/healthz")
    text = client.get("/metrics").text
    samples = re.findall(r"^(yanling_\w+)(?:\{(.*)\})?", text, re.MULTILINE)
    names = {name: set(re.findall(r"(\w+)=", labels)) for name, labels in samples}
    return names | {name: set() for name in WORKERS}


def expressions():
    rules = yaml.safe_load((DEPLOY / "prometheus/yanling.yml").read_text())
    alerts = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    panels = json.loads((DEPLOY / "grafana/yanling.json").read_text())["panels"]
    return alerts + [target["expr"] for panel in panels for target in panel["targets"]]


def test_every_metric_and_label_exists(exported):
    for expression in expressions():
        for name, selector in re.findall(r"\b(yanling_\w+)(?:\{([^}]*)\})?", expression):
            assert name in exported, expression
            assert set(re.findall(r"(\w+)\s*=", selector)) <= exported[name], expression
        for labels in re.findall(r"by \(([^)]*)\)", expression):
            known = set().union(*exported.values()) | {"instance"}
            assert set(re.findall(r"\w+", labels)) <= known, expression


def test_every_alert_says_what_to_do():
    rules = yaml.safe_load((DEPLOY / "prometheus/yanling.yml").read_text())
    for rule in rules["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "runbook"}


def photos(stack):
    """As all workers together have counted them."""
    text = stack.curl(f"{stack.inside}/metrics").body
    return float(re.search(r"^yanling_faces_count (.*)", text, re.MULTILINE)[1])


def test_the_workers_count_together_and_a_dead_ones_count_stays(stack, portrait_file):
    before = photos(stack)
    with stack.load(portrait_file) as statuses:
        until(lambda: len(statuses) >= 10)
    assert photos(stack) - before == len(statuses)
    victim = min(stack.workers(stack.master()))
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in stack.workers(stack.master()))
    until(stack.is_ready)
    assert photos(stack) - before == len(statuses)


def test_only_the_host_may_ask(stack):
    assert stack.curl("/metrics").status == 404
    assert stack.curl("/nginx").status == 404
    assert "Active connections" in stack.curl(f"{stack.inside}/nginx").body
    assert stack.curl(f"{stack.inside}/metrics", "-X", "POST").status == 403
    assert stack.curl(f"{stack.inside}/upload").status == 404
    assert stack.inside.startswith("http://127.0.0.1:")
