"""Alerts and the dashboard use metrics that `/metrics` really has."""

import json
import re
from pathlib import Path

import pytest
import yaml

from app import create_app
from app.settings import Settings
from deploy.testing.clients import load
from model.engine import WEIGHTS
from tests.reliability.faults import await_more, kill_worker

DEPLOY = Path(__file__).parents[2] / "deploy"
WORKERS = {"yanling_workers", "yanling_workers_busy"}  # exist only under uWSGI


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Names of samples and their labels."""
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
    """How many all workers together have counted."""
    text = stack.curl(f"{stack.inside}/metrics").body
    return float(re.search(r"^yanling_faces_count (.*)", text, re.MULTILINE)[1])


def test_workers_count_together_and_a_dead_workers_count_stays(stack, portrait):
    before = photos(stack)
    with load(stack, [portrait], clients=3) as answers:
        await_more(answers, 7)
    assert photos(stack) - before == len(answers)
    kill_worker(stack, min(stack.workers()))
    assert photos(stack) - before == len(answers)


def test_only_the_host_can_read_metrics(stack):
    assert stack.curl("/metrics").status == 404
    assert stack.curl("/nginx").status == 404
    assert "Active connections" in stack.curl(f"{stack.inside}/nginx").body
    assert stack.curl(f"{stack.inside}/metrics", "-X", "POST").status == 403
    assert stack.curl(f"{stack.inside}/upload").status == 404
    assert stack.inside.startswith("http://127.0.0.1:")
