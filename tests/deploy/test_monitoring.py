"""Alerts and the dashboard use metrics that `/metrics` really has."""

import json
import re
import ssl
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from app import create_app
from app.metrics import SECONDS
from app.settings import Settings
from deploy import canary
from deploy.refusals import REASONS
from deploy.testing.clients import load
from deploy.testing.processes import children
from deploy.testing.waiting import until
from model.engine import WEIGHTS
from tests.reliability import floods, front
from tests.reliability.faults import await_more, kill_worker

DEPLOY = Path(__file__).parents[2] / "deploy"
TESTS = sorted((DEPLOY / "prometheus").glob("*_test.yml"))
# exist only under uWSGI
WORKERS = {"yanling_workers", "yanling_workers_busy"}
WORKERS |= {"yanling_certificate_expiry_timestamp_seconds"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Names of samples and their labels."""
    app = create_app(Settings("onnx", WEIGHTS, tmp_path_factory.mktemp("spool") / "private"))
    client = app.test_client()
    client.get("/healthz")
    text = client.get("/metrics").text
    samples = re.findall(r"^(yanling_\w+)(?:\{(.*)\})?", text, re.MULTILINE)
    names = {name: set(re.findall(r"(\w+)=", labels)) for name, labels in samples}
    written = tmp_path_factory.mktemp("canary") / "yanling.prom"
    canary.write(written, canary.OK, 0.1)
    sung = set(re.findall(r"^(yanling_\w+)", written.read_text(), re.MULTILINE))
    refusals = {"yanling_nginx_refusals_total": {"reason"}}
    return names | {name: set() for name in WORKERS | sung} | refusals


def rules():
    files = [file for file in (DEPLOY / "prometheus").glob("*.yml") if file not in TESTS]
    parsed = [yaml.safe_load(file.read_text()) for file in files]
    return [rule for each in parsed for group in each["groups"] for rule in group["rules"]]


def expressions():
    panels = json.loads((DEPLOY / "grafana/yanling.json").read_text())["panels"]
    shown = [target["expr"] for panel in panels for target in panel["targets"]]
    return [rule["expr"] for rule in rules()] + shown


def test_every_metric_and_label_exists(exported):
    for expression in expressions():
        for name, selector in re.findall(r"\b(yanling_\w+)(?:\{([^}]*)\})?", expression):
            assert name in exported, expression
            assert set(re.findall(r"(\w+)\s*=", selector)) <= exported[name], expression
        for labels in re.findall(r"by \(([^)]*)\)", expression):
            known = set().union(*exported.values()) | {"instance"}
            assert set(re.findall(r"\w+", labels)) <= known, expression

        for bucket in re.findall(r'le="([^"]*)"', expression):
            assert float(bucket) in (0, *SECONDS), expression


def test_every_alert_says_what_to_do():
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len(alerts) > 5
    for rule in alerts:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "runbook"}


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_alerts_fire_when_they_should_and_not_else(file):
    done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_been_seen_to_fire():
    cases = [case for file in TESTS for case in yaml.safe_load(file.read_text())["tests"]]
    tests = [test for case in cases for test in case["alert_rule_test"]]
    fired = {test["alertname"] for test in tests if test["exp_alerts"]}
    assert fired == {rule["alert"] for rule in rules() if "alert" in rule}


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


def test_the_expiry_of_the_certificate_is_a_metric(stack):
    line = re.compile(r"^yanling_certificate_expiry_timestamp_seconds (.*)", re.MULTILINE)
    until(lambda: line.search(stack.curl(f"{stack.inside}/metrics").body))
    read = ["openssl", "x509", "-in", stack.certificate, "-noout", "-enddate"]
    end = subprocess.check_output(read, text=True).strip().removeprefix("notAfter=")
    found = line.search(stack.curl(f"{stack.inside}/metrics").body)
    assert float(found[1]) == ssl.cert_time_to_seconds(end)


def refused(stack, reason):
    """How many requests nginx has refused for this reason."""
    text = stack.curl(f"{stack.inside}/nginx-metrics").body
    found = re.findall(rf'^yanling_nginx_refusals_total{{reason="{reason}"}} (.*)', text, re.M)
    return int(float(found[0]))


def test_what_nginx_refuses_itself_is_counted_by_reason(stack, tmp_path):
    """What the service refuses is in its own counters."""
    (tmp_path / "large").write_bytes(bytes(12_000_000))
    before = {reason: refused(stack, reason) for reason in REASONS}
    stack.upload(tmp_path / "large")
    until(lambda: refused(stack, "too_large") == before["too_large"] + 1)
    assert stack.curl("/upload", "-X", "POST").status == 400
    assert stack.curl("/nowhere").status == 404
    assert stack.curl("/healthz", "-H", "Host: example.com").status == 421
    until(lambda: refused(stack, "bad_request") > before["bad_request"])
    assert refused(stack, "bad_request") == before["bad_request"] + 1
    places = front.places(stack)
    until(lambda: refused(stack, "busy") >= before["busy"] + front.CLIENTS - places)
    with ExitStack() as opened:
        for _ in range(100 * len(children(stack.nginx())) + 1):
            opened.enter_context(floods.begun(stack, "127.0.9.8", 1000))
        until(lambda: refused(stack, "connections") > before["connections"])


def test_a_probe_sees_what_clients_see(stack):
    public = f"{stack.inside}/public"
    assert stack.curl(public).json()["status"] == "ready"
    assert stack.curl(public, "-X", "POST").status == 403
    stack.wait_for_start()
    saved = {file: file.with_suffix(".away") for file in stack.service.glob("queue-*.sock")}
    for file, away in saved.items():
        file.rename(away)
    assert stack.curl(public).status == 503
    assert stack.curl(f"{stack.inside}/readyz").status == 200
    for file, away in saved.items():
        away.rename(file)
    assert stack.curl(public).status == 200


def test_only_the_host_can_read_metrics(stack):
    assert stack.curl("/metrics").status == 404
    assert stack.curl("/nginx").status == 404
    assert "Active connections" in stack.curl(f"{stack.inside}/nginx").body
    assert stack.curl(f"{stack.inside}/metrics", "-X", "POST").status == 403
    assert stack.curl(f"{stack.inside}/upload").status == 404
    assert stack.inside.startswith("http://127.0.0.1:")
