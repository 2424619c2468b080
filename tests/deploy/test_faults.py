"""The quick form of `make soak`: deaths, hangs, bad weights and floods, on a stack of their own.

What test_supervision.py shows is not shown again.
"""

import re
import shutil
from collections.abc import Iterator

import pytest

from bench import faults, floods
from bench.findings import Finding, table
from bench.load import portrait
from bench.reliability import NAMES
from model.engine import WEIGHTS
from tests.deploy.conftest import ROOT, Stack, house, running_stack, until

HARAKIRI = 3


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A copy that may be broken."""
    return shutil.copytree(WEIGHTS, tmp_path_factory.mktemp("own") / "weights")


@pytest.fixture(scope="module")
def breakable(tmp_path_factory, weights) -> Iterator[Stack]:
    """With weights of its own, and less patient than on a host."""
    folder = tmp_path_factory.mktemp("breakable")

    def supervisor(text: str) -> str:
        text = text.replace("YANLING_SPOOL=", f'YANLING_WEIGHTS="{weights}",YANLING_SPOOL=')
        return text.replace("TICK_60", "TICK_5")

    changes = {
        "deploy/supervisor/yanling.conf": supervisor,
        "uwsgi.ini": lambda text: text.replace("harakiri = 30", f"harakiri = {HARAKIRI}"),
        "deploy/nginx/yanling.conf": lambda text: text.replace("_timeout 20s", "_timeout 2s"),
    }
    with running_stack(folder / "stack", house(folder, changes)) as stack:
        yield stack


@pytest.fixture(autouse=True)
def up(breakable):
    yield
    until(breakable.is_ready)


def test_dead_workers_are_replaced_at_once_and_nobody_notices(breakable):
    finding = faults.killed_workers(breakable, times=6)
    assert finding["failures"] == 0
    assert finding["seconds to full strength"] < 1


def test_a_worker_that_hangs_is_ended_and_its_client_told(breakable):
    finding = faults.hung_worker(breakable, harakiri=HARAKIRI)
    assert finding["not told to come again"] == 0
    assert finding["requests hurt"] == 1


def test_broken_weights_are_refused_and_the_old_ones_serve_on(breakable, weights):
    assert faults.broken_weights(breakable, weights).missed == []


def test_a_touched_file_reloads_and_no_request_is_lost(breakable, portrait_file):
    workers = breakable.workers(breakable.master())
    with breakable.load(portrait_file) as statuses:
        faults.touch(breakable)
        until(lambda: faults.replaced(breakable, workers))
    assert set(statuses) == {200}


def test_a_service_that_does_not_start_says_why_in_one_line(breakable, weights):
    (weights / "model.json").rename(weights / "away")
    breakable.supervisorctl("stop", "yanling")
    log = breakable.logs / "yanling.log"
    before = log.stat().st_size
    breakable.supervisorctl("start", "yanling")
    said = log.read_text()[before:]
    (weights / "away").rename(weights / "model.json")
    assert "Yanling does not start: no readable model.json in" in said
    assert "Traceback" not in said
    until(breakable.is_ready)  # by itself


def test_without_a_log_folder_it_runs_on_and_comes_back_by_itself(breakable):
    assert faults.lost_logs(breakable).missed == []


def test_up_but_sick_is_restarted(breakable):
    assert faults.sick(breakable, minutes=0.5).missed == []


def test_a_full_spool_leaves_room_for_the_counts(breakable):
    """`python -m bench.reliability --only spool` fills one, which takes root."""
    files = list((breakable.run / "spool-metrics").iterdir())
    workers = len(breakable.workers(breakable.master()))
    assert len(files) == 3 * (workers + 1)
    for file in files:
        assert file.stat().st_blocks * 512 >= file.stat().st_size > 0


def test_the_surplus_is_told_to_come_again_at_once(breakable):
    finding = floods.overload(breakable, seconds=4, clients=200, photo=portrait(200))
    assert finding["surplus not told to come again"] == 0
    assert finding["longest wait of the served, s"] < 20
    assert finding["goodput lost, %"] < 50  # the clients want the same cores
    assert finding["failures afterwards"] == 0


def test_slow_and_silent_clients_hold_no_worker(breakable):
    finding = floods.slow_clients(breakable, seconds=4, each=20)
    assert finding["failures of honest clients"] == 0
    assert finding["longest wait of honest clients, s"] < 2


def test_hundreds_of_slow_uploads_leave_room_for_others(breakable):
    finding = floods.slow_uploads(breakable, seconds=3, each=300, addresses=3)
    assert finding.missed == []


def test_the_page_has_every_fault():
    page = (ROOT / "docs/reliability.md").read_text()
    assert re.findall(r"\| `(\w+)` \|$", page, re.MULTILINE) == NAMES


def test_a_missed_figure_is_seen():
    good, bad = Finding("a fault", {"s": (1, 1)}, "2 x 200"), Finding("another", {"s": (2, 1)})
    assert (good.missed, bad.missed) == ([], ["s"])
    assert "| another | s | 2 **missed** | at most 1 |" in table([good, bad])
