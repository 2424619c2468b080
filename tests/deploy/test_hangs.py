"""The quick form of tests/reliability/hangs.py."""

from functools import partial

import pytest

from deploy.testing.waiting import until
from tests.reliability import hangs
from tests.reliability.host import stack_with_clock

KINDS = [hangs.idle_workers, hangs.stuck_reload, hangs.uwsgi_master, hangs.nginx]


@pytest.mark.parametrize("hang", KINDS)
def test_what_hangs_is_replaced_and_nothing_else(stack, hang):
    until(stack.is_ready)
    assert hang(stack).violations == []
    until(stack.is_ready)


def test_a_reload_ends_although_the_clock_is_set_back_meanwhile(tmp_path):
    """uWSGI's master would wait three hours for the worker that hangs."""
    with stack_with_clock(tmp_path) as (stack, clock):
        assert hangs.stuck_reload(stack, partial(clock.set, -3)).violations == []
