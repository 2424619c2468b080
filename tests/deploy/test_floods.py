"""The quick form of `make soak`: more clients than the stack can serve, and slow ones."""

from deploy.testing.photos import portrait
from tests.reliability import attacks, floods, front


def test_the_surplus_gets_503_with_retry_after(stack):
    finding = floods.overload(stack, seconds=4, clients=200, photo=portrait(200))
    assert finding.violations == []
    assert finding["surplus requests"] > 0


def test_slow_and_silent_clients_hold_no_worker(stack):
    assert floods.slow_clients(stack, seconds=4, each=20).violations == []


def test_hundreds_of_slow_uploads_leave_room_for_others(stack):
    assert floods.slow_uploads(stack, seconds=3, each=300, addresses=3).violations == []


def test_killed_nginx_workers_take_no_places_with_them(stack):
    finding = front.killed_nginx_workers(stack, times=2)
    assert finding.violations == []
    assert finding["places before"] == 128


def test_one_address_with_dear_photos_leaves_the_others_their_share(stack):
    assert attacks.attack(stack, "dear photos from one address", seconds=8).violations == []


def test_a_full_spool_leaves_room_for_the_counters(stack):
    """`python -m tests.reliability --only spool` fills one, which takes root."""
    files = list((stack.service / "spool-metrics").glob("*.db"))
    assert len(files) >= 3 * (len(stack.workers()) + 1)
    for file in files:
        assert file.stat().st_blocks * 512 >= file.stat().st_size > 0
