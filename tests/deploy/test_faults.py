"""The quick form of `make soak`: faults, on a stack that may be broken. Its floods are in
test_floods.py, what needs no special stack in test_supervision.py."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.testing.service import ROOT
from deploy.testing.stack import Stack, running_stack
from deploy.testing.waiting import until
from tests.reliability import faults, models
from tests.reliability.__main__ import NAMES
from tests.reliability.results import Finding, report

HARAKIRI = 5


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Path:
    """A folder with copies of the model files, which may be broken."""
    folder = tmp_path_factory.mktemp("own")
    models.copy(folder)
    return folder


@pytest.fixture(scope="module")
def breakable(tmp_path_factory, own) -> Iterator[Stack]:
    """With model files of its own, and less patient than on a host."""
    settings = models.settings(own) | {
        "UWSGI_OPTIONS": f"--harakiri {HARAKIRI}",
        "RETRY_TIMEOUT": "2s",
        "HEALTH_SECONDS": "1",
    }
    folder = tmp_path_factory.mktemp("breakable")
    with running_stack(folder, settings, models.environment(own)) as stack:
        yield stack


@pytest.fixture(autouse=True)
def up(request):
    """Each test that breaks the stack leaves it up."""
    yield
    if "breakable" in request.fixturenames:
        until(request.getfixturevalue("breakable").is_ready)


def test_a_hung_worker_is_killed_and_its_photo_given_to_no_other(breakable):
    finding = faults.hung_worker(breakable, HARAKIRI)
    assert finding.violations == []
    assert finding["requests hurt"] == 1


def test_broken_model_files_are_refused_and_the_old_ones_serve_on(breakable, own):
    assert faults.broken_models(breakable, models.files(own)).violations == []


def test_a_service_that_does_not_start_says_why_in_one_line(breakable, own):
    weights = own / "weights"
    (weights / "model.json").rename(weights / "away")
    breakable.supervisorctl("stop", "yanling")
    log = breakable.logs / "yanling.log"
    before = log.stat().st_size
    breakable.supervisorctl("start", "yanling")
    until(lambda: b"Yanling does not start: no readable model.json" in log.read_bytes()[before:])
    (weights / "away").rename(weights / "model.json")
    assert b"Traceback" not in log.read_bytes()[before:]
    until(breakable.is_ready)  # supervisor tries again


def test_without_a_log_folder_it_runs_on_and_recovers_by_itself(breakable):
    assert faults.lost_logs(breakable).violations == []


def test_up_but_sick_is_restarted(breakable):
    assert faults.sick(breakable).violations == []


def test_the_page_has_every_fault():
    page = (ROOT / "docs/reliability.md").read_text()
    assert re.findall(r"\| `(\w+)` +\|$", page, re.MULTILINE) == NAMES


def test_a_missed_limit_is_reported():
    good = Finding("a fault", {"failures": (0, 0)}, {"s": (1, 1)}, "2 x 200")
    slow = Finding("another", {"failures": (0, 0)}, {"s": (2, 1)})
    assert (good.missed, slow.missed, slow.violations) == ([], ["s"], [])
    assert "another|s|2 **missed**|at most 1" in re.sub(r" *\| *", "|", report([good, slow]))
