"""The quick form of what `python -m tests.reliability` does to the host: its clock, its disk."""

import http.client

from deploy.testing.stack import running_stack
from tests.reliability import host
from tests.reliability.faults import kill_master

PIPE = 64 * 1024  # bytes that a process may be ahead of the reader of its log


def test_nobody_notices_a_clock_that_is_set(tmp_path):
    with host.stack_with_clock(tmp_path) as (stack, clock):
        assert host.set_clock(stack, clock, (3, 0)).violations == []


def test_a_full_disk_under_the_logs_stops_nothing(tmp_path, portrait_file):
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("yanling.log", "yanling-access.log", "yanling-error.log", "nginx.log"):
        (logs / name).symlink_to("/dev/full")
    with running_stack(tmp_path, quiet=True) as stack:
        connection = http.client.HTTPConnection(stack.inside.removeprefix("http://"))
        for _ in range(PIPE // 50):  # lines of uWSGI's log are longer
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        connection.close()
        assert stack.upload(portrait_file).status == 200
        kill_master(stack)
        assert stack.upload(portrait_file).status == 200
