"""Keys for `/v1` and another site's page on the real stack, set up as deploy/README.md says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.keys import make
from bench.faults import touch
from tests.conftest import ROOT
from tests.deploy.conftest import Stack, house, running_stack, until
from tests.deploy.test_nginx import assert_problem

SITE = "https://shop.example"


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> tuple[Path, str]:
    """The file and a key that is in it."""
    file = tmp_path_factory.mktemp("etc") / "keys"
    key, line = make("shop")
    file.write_text(f"{line}\n")
    return file, key


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, keys) -> Iterator[Stack]:
    """Two workers that ask for keys, and nginx that lets one other site in."""
    folder = tmp_path_factory.mktemp("guarded")
    manual = (ROOT / "deploy" / "README.md").read_text()
    headers, preflight = re.findall(r"```nginx\n(.*?)```", manual, re.DOTALL)

    def supervisor(text: str) -> str:
        text = text.replace("uwsgi.ini ", "uwsgi.ini --processes 2 ")
        return text.replace("YANLING_SPOOL=", f'YANLING_API_KEYS="{keys[0]}",YANLING_SPOOL=')

    def nginx(text: str) -> str:
        text = text.replace("location / {", f"location / {{\n{preflight}")
        return text.replace("    add_header Retry", f"{headers}    add_header Retry")

    changes = {"deploy/supervisor/yanling.conf": supervisor, "deploy/nginx/yanling.conf": nginx}
    with running_stack(folder / "stack", house(folder, changes)) as stack:
        yield stack


def ask(stack: Stack, key: str, times: int = 1) -> set[int]:
    """The statuses of empty requests, 415 once the key is good."""
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
    master = guarded.master()
    workers = guarded.workers(master)
    assert len(workers) == 2
    log = guarded.logs / "yanling.log"
    key, line = make("shop-2")
    old_line = file.read_text()

    def known(count: int) -> bool:
        """Whether both workers have read the file."""
        ask(guarded, key)
        return log.read_text().count(f"has changed, {count} in it now") == 2

    assert ask(guarded, key) == {401}
    with file.open("a") as end:
        end.write(f"{line}\n")
    assert ask(guarded, key, 10) == ask(guarded, old, 10) == {415}
    until(lambda: known(2))
    file.write_text(f"{line}\n")
    assert ask(guarded, old, 10) == {401}
    assert ask(guarded, key, 10) == {415}
    until(lambda: known(1))
    assert guarded.workers(master) == workers
    file.write_text(old_line)
    assert ask(guarded, old) == {415}


def test_a_lost_file_keeps_everybody_out_and_a_reload_is_refused(guarded, keys):
    file, key = keys
    log = guarded.logs / "yanling.log"
    away = file.rename(file.with_name("away"))
    assert ask(guarded, key, 5) == {503}
    before = log.stat().st_size
    touch(guarded)
    until(lambda: "NOT reloaded" in log.read_text()[before:])
    assert "Yanling does not start: YANLING_API_KEYS: " in log.read_text()[before:]
    away.rename(file)
    assert ask(guarded, key, 5) == {415}


def test_one_other_site_may_ask_with_a_key(guarded):
    for answer in (
        guarded.curl("/v1/faces", "-X", "OPTIONS", "-H", f"Origin: {SITE}"),
        guarded.curl("/v1/faces", "-X", "POST", "-H", f"Origin: {SITE}"),
    ):
        assert answer.status in (204, 401)
        assert answer.headers["access-control-allow-origin"] == SITE
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        assert answer.headers["x-content-type-options"] == "nosniff"
