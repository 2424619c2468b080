"""The quick form of what `python -m bench.reliability --only clock disk` does to the host."""

import http.client
import os
import signal

from bench import host
from tests.deploy.conftest import running_stack, until

PIPE = 64 * 1024  # bytes that a process may be ahead of who reads its log


def test_nobody_notices_a_clock_that_is_set(tmp_path):
    with host.stack_with_clock(tmp_path) as (stack, clock):
        assert host.set_clock(stack, clock, (3, 0)).missed == []


def test_a_full_disk_under_the_logs_stops_nothing(tmp_path, portrait_file):
    logs = tmp_path / "stack" / "logs"
    logs.mkdir(parents=True)
    for name in ("yanling.log", "yanling-access.log", "yanling-error.log", "nginx.log"):
        (logs / name).symlink_to("/dev/full")
    with running_stack(tmp_path / "stack") as stack:
        connection = http.client.HTTPConnection(stack.inside.removeprefix("http://"))
        for _ in range(PIPE // 50):  # lines of uWSGI's log are longer
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        connection.close()
        assert stack.upload(portrait_file).status == 200
        master = stack.master()
        os.kill(master, signal.SIGKILL)
        until(lambda: stack.master() not in (0, master))
        until(stack.is_ready)
        assert stack.upload(portrait_file).status == 200
