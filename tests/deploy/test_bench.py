"""What the measurements read off a running stack."""

from bench.memory import weigh
from bench.processes import cpu
from bench.stacks import nginx
from bench.wrk import inside


def test_the_stack_is_more_than_its_workers(stack):
    row = weigh(stack)
    parts = set(row) - {"a worker", "the whole stack"}
    assert abs(sum(row[part] for part in parts) - row["the whole stack"]) <= 3  # rounded
    assert all(row[part] > 5 for part in parts)


def test_the_service_tells_its_own_time(stack, portrait_file):
    count, seconds = inside(stack)
    before = cpu(stack.master()), cpu(nginx(stack))
    options = ["-H", "Content-Type: image/jpeg", "--data-binary", f"@{portrait_file}"]
    assert stack.curl("/v1/faces", *options).status == 200
    more, longer = inside(stack)
    assert more == count + 1
    assert longer > seconds
    assert cpu(stack.master()) > before[0]
    assert cpu(nginx(stack)) >= before[1]
