"""IPv6: nginx answers there by default, and limits a network as it limits an address."""

import http.client
import ssl

import pytest

from deploy.render import has_ipv6
from deploy.testing.ports import free_ports
from deploy.testing.stack import running_stack

# a client's address, as a load balancer would tell it
BALANCER = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Client;\n"
REQUESTS = 300  # more than the burst that is allowed


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A stack that listens on ports without addresses, as a host does."""
    folder = tmp_path_factory.mktemp("stack")
    https, http_ = free_ports(2)
    (folder / "nginx").mkdir()
    (folder / "nginx/yanling-balancer.conf").write_text(BALANCER)
    settings = {"HTTPS_LISTEN": https, "HTTP_LISTEN": http_, "REQUEST_RATE": "1r/m"}
    settings |= {"PUBLIC_URL": f"https://localhost:{https}"}
    with running_stack(folder, settings) as stack:
        stack.https_port, stack.url = https, f"https://localhost:{https}"
        stack.http = f"http://localhost:{http_}"
        yield stack


@pytest.mark.parametrize("address", ["127.0.0.1", *(["[::1]"] if has_ipv6() else [])])
def test_both_families_are_answered(stack, address):
    ports = stack.https_port, stack.http.rpartition(":")[2]
    places = [("--resolve", f"localhost:{port}:{address}") for port in ports]
    options = [option for place in places for option in place]
    assert stack.curl("/healthz", *options).status == 200
    assert stack.curl(f"{stack.http}/x", *options).headers["location"] == f"{stack.url}/x"


def statuses(stack, clients):
    """The answers to REQUESTS requests, from one of the clients after the other."""
    trust = ssl.create_default_context(cafile=stack.certificate)
    connection = http.client.HTTPSConnection("localhost", stack.https_port, context=trust)
    found = []
    for i in range(REQUESTS):
        connection.request("GET", "/healthz", headers={"X-Client": clients[i % len(clients)]})
        answer = connection.getresponse()
        answer.read()
        found.append(answer.status)
    connection.close()
    return found


@pytest.mark.parametrize(
    ("clients", "limited"),
    [
        (["2001:db8:0:1::1", "2001:db8:0:1:ffff::a"], True),
        (["2001:db8:0:2::1", "2001:db8:0:3::1"], False),
        # network and address may contain the byte of a line's end
        (["2001:db8:a0a:a0a::1", "2001:db8:a0a:a0a:a0a::a0a"], True),
        (["192.0.2.1", "192.0.2.2"], False),
        (["192.0.2.3"], True),
    ],
)
def test_the_rate_is_limited_by_address_or_by_network_of_ipv6(stack, clients, limited):
    found = statuses(stack, clients)
    assert (429 in found) == limited
    assert found[:200] == [200] * 200
