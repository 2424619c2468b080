"""What the benchmarks read off a running stack."""

from bench.memory import weigh
from bench.wrk import inside, used


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
    assert after["uWSGI"] > before["uWSGI"]
    assert after["nginx"] >= before["nginx"]
