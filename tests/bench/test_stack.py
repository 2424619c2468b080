"""What the benchmarks read off a running stack."""

from bench.memory import weigh
from bench.wrk import Used, inside, spent, used


def test_the_stack_is_more_than_its_workers(stack):
    row = weigh(stack)
    parts = set(row) - {"a worker", "the whole stack"}
    assert abs(sum(row[part] for part in parts) - row["the whole stack"]) <= 3  # rounded
    assert all(row[part] > 5 for part in parts)


def test_the_service_reports_its_own_time(stack, portrait_file):
    masters = {"uWSGI": stack.master(), "nginx": stack.nginx()}
    (count, seconds), before = inside(stack), used(masters)
    options = ["-H", "Content-Type: image/jpeg", "--data-binary", f"@{portrait_file}"]
    assert stack.curl("/v1/faces", *options).status == 200
    (more, longer), after = inside(stack), used(masters)
    assert more == count + 1
    assert longer > seconds
    took = spent(before, after)
    assert took["uWSGI"] > 0
    assert took["nginx"] >= 0


def test_of_a_family_in_which_a_process_was_replaced_no_time_is_told():
    before = {"uWSGI": Used(9.0, {10, 11, 12}), "nginx": Used(1.0, {20, 21})}
    after = {"uWSGI": Used(4.0, {10, 13}), "nginx": Used(1.5, {20, 21, 22})}
    assert spent(before, after) == {"nginx": 0.5}
