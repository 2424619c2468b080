"""API keys for `/v1` and pages of one other site on the real stack."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.keys import make
from deploy.testing.service import ROOT
from deploy.testing.stack import Stack, running_stack
from deploy.testing.waiting import until
from tests.deploy.problems import assert_problem
from tests.reliability.faults import refused_reload

SITE = "https://shop.example"
RUNBOOK = ROOT / "deploy" / "README.md"


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> tuple[Path, str]:
    """The file, and a key that is in it."""
    file = tmp_path_factory.mktemp("etc") / "keys"
    key, line = make("shop")
    file.write_text(f"{line}\n")
    return file, key


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, keys) -> Iterator[Stack]:
    """Two workers that ask for keys, and nginx that admits one other site."""
    settings = {
        "SETTINGS": f'YANLING_API_KEYS="{keys[0]}"',
        "UWSGI_OPTIONS": "--processes 2",
        "ALLOWED_ORIGIN": SITE,
    }
    with running_stack(tmp_path_factory.mktemp("guarded"), settings) as stack:
        yield stack


def statuses(stack: Stack, key: str, times: int = 1) -> set[int]:
    """The answers to empty requests: 415 when the key is valid."""
    options = ["-X", "POST", "-H", f"Authorization: Bearer {key}"]
    return {stack.curl("/v1/faces", *options).status for _ in range(times)}


def test_a_key_opens_and_its_name_alone_is_logged(guarded, keys, portrait_file):
    _, key = keys
    form = ["-F", f"file=@{portrait_file}"]
    refused = guarded.curl("/v1/faces", *form)
    assert_problem(refused, 401, "unauthorized")
    assert refused.headers["www-authenticate"] == 'Bearer realm="yanling"'
    assert guarded.curl("/v1/faces", *form, "-H", "Authorization: Bearer wrong").status == 401
    answer = guarded.curl("/v1/faces", *form, "-H", f"Authorization: Bearer {key}")
    assert len(answer.json()["faces"]) == 1
    log = guarded.logs / "yanling.log"
    until(lambda: '"status":200' in log.read_text().rpartition('"key":"shop"')[0])
    for file in guarded.logs.iterdir():
        assert key not in file.read_text()


def test_phones_need_none(guarded, portrait_file):
    assert guarded.upload(portrait_file).json()["gender"] == "Female"


def test_rotation_without_a_restart(guarded, keys):
    file, old = keys
    workers = guarded.workers()
    assert len(workers) == 2
    log = guarded.logs / "yanling.log"
    key, line = make("shop-2")
    old_line = file.read_text()

    def known(count: int) -> bool:
        """Whether both workers have read the file."""
        statuses(guarded, key)
        return log.read_text().count(f"has changed, {count} in it now") == 2

    assert statuses(guarded, key) == {401}
    with file.open("a") as end:
        end.write(f"{line}\n")
    assert statuses(guarded, key, 10) == statuses(guarded, old, 10) == {415}
    until(lambda: known(2))
    file.write_text(f"{line}\n")
    assert statuses(guarded, old, 10) == {401}
    assert statuses(guarded, key, 10) == {415}
    until(lambda: known(1))
    assert guarded.workers() == workers
    file.write_text(old_line)
    assert statuses(guarded, old) == {415}


def test_the_runbooks_command_revokes_a_key_in_every_worker_at_once(guarded, keys):
    file, key = keys
    (command,) = re.findall(r"^sed -i .*shop.*", RUNBOOK.read_text(), re.MULTILINE)
    kept, line = make("shop-2")
    before, mode = file.read_text(), file.stat().st_mode
    file.write_text(f"{before}{line}\n")
    assert statuses(guarded, key, 10) == {415}
    workers, log = guarded.workers(), guarded.logs / "yanling.log"
    size = log.stat().st_size
    subprocess.run(command.replace("/etc/yanling/keys", str(file)), shell=True, check=True)
    assert statuses(guarded, key, 10) == {401}
    assert statuses(guarded, kept, 10) == {415}

    def read_by_all() -> bool:
        assert statuses(guarded, key) == {401}
        return log.read_bytes()[size:].count(b"has changed, 1 in it now") == len(workers)

    until(read_by_all)
    assert guarded.workers() == workers
    assert file.stat().st_mode == mode
    file.write_text(before)


def test_a_lost_file_admits_nobody_and_a_reload_is_refused(guarded, keys):
    file, key = keys
    away = file.rename(file.with_name("away"))
    assert statuses(guarded, key, 5) == {503}
    assert "Yanling does not start: YANLING_API_KEYS: " in refused_reload(guarded)
    away.rename(file)
    assert statuses(guarded, key, 5) == {415}


def test_one_other_site_may_ask_with_a_key(guarded):
    for method, status in (("OPTIONS", 204), ("POST", 401)):
        answer = guarded.curl("/v1/faces", "-X", method, "-H", f"Origin: {SITE}")
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == SITE
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    other = guarded.curl("/v1/faces", "-X", "OPTIONS", "-H", "Origin: https://other.example")
    assert other.status == 200
    assert "access-control-allow-origin" not in other.headers
