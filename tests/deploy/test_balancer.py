"""The quick form of `python -m tests.scale.balancer`: HAProxy in front of a real host and stubs."""

import http.client
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
from contextlib import ExitStack, closing, contextmanager

import pytest

from deploy.stack import make_certificate
from deploy.testing.balancer import FILES, balancing, place_certificate, write
from deploy.testing.clients import Client, failed, load
from deploy.testing.photos import portrait
from deploy.testing.ports import free_ports
from deploy.testing.relay import write_key
from deploy.testing.stack import running_stack
from deploy.testing.waiting import until
from tests.deploy.flood import flood
from tests.deploy.nginx_balancer import nginx_balancing
from tests.deploy.problems import assert_problem
from tests.deploy.stub_hosts import BREAKS_OFF, BUSY, stub

PHOTO = portrait(200)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of clients and hosts alike."""
    folder = tmp_path_factory.mktemp("tls")
    make_certificate(folder / "certificate.pem", folder / "key.pem")
    return folder / "certificate.pem"


@pytest.fixture(scope="module")
def host(tmp_path_factory, certificate):
    """A real one, behind balancers."""
    folder = tmp_path_factory.mktemp("host")
    shutil.copytree(certificate.parent, folder / "tls")
    write_key(folder)
    (port,) = free_ports(1)
    settings = {"BALANCERS": "192.0.2.1,127.0.0.1", "BALANCER_LISTEN": f"127.0.0.1:{port}"}
    with running_stack(folder, settings | {"REQUEST_RATE": "6r/m"}) as stack:
        stack.balanced = f"127.0.0.1:{port}"
        yield stack


@pytest.fixture
def before(tmp_path, certificate):
    """Run HAProxy before hosts: the real one's address, or what a stub is to answer."""

    @contextmanager
    def run(changes=None, **hosts):
        ports = free_ports(3 + len(hosts))
        with ExitStack() as running:
            places, stubs = {}, {}
            for (name, what), port in zip(hosts.items(), ports[3:], strict=True):
                places[name] = what if isinstance(what, str) else f"127.0.0.1:{port}"
                if isinstance(what, dict):
                    made = stub(tmp_path / name, port, certificate, **what)
                    stubs[name] = running.enter_context(made)
            (tmp_path / "haproxy").mkdir()
            args = tmp_path / "haproxy", certificate, places, ports[:3]
            yield running.enter_context(balancing(*args, changes=changes)), stubs

    return run


def upload(balancer, times):
    """One after the other, each over a connection of its own, as different phones do."""
    answers = []
    for _ in range(times):
        with closing(Client(balancer)) as client:
            answers.append(client.upload(PHOTO))
    return answers


def test_haproxy_and_nginx_take_the_files_as_they_are(tmp_path, certificate):
    place_certificate(tmp_path, certificate)
    write(tmp_path, {"west": "10.0.0.11:8443", "east": "10.0.0.12:8443"}, (443, 80, 8405))
    command = ["/usr/sbin/haproxy", "-c", "-f", tmp_path / "haproxy.cfg"]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert (checked.returncode, "WARNING" in checked.stderr) == (0, False), checked.stderr
    done = subprocess.run(["promtool", "check", "config", FILES / "prometheus.yml"])
    assert done.returncode == 0


def test_nginx_passes_on_photos_addresses_and_metrics_but_nothing_twice(host, tmp_path):
    """The form for those who have no HAProxy."""
    one, other = "127.0.6.3", "127.0.6.4"
    port, closed, *ports = free_ports(4)
    folders = tmp_path / "real", tmp_path / "stubs"
    with (
        nginx_balancing(folders[0], host, [closed, host.https_port], port) as balancer,
        closing(Client(balancer)) as client,
    ):
        assert [client.upload(PHOTO).status for _ in range(4)] == [200] * 4
        url = f"https://localhost:{port}"
        assert flood(host.certificate, url, one)["429"] > 0
        assert host.curl(f"{url}/upload", "--interface", one).status == 429
        assert host.curl(f"{url}/readyz", "--interface", other).status == 200
        for path, metric in (("/metrics", "yanling_workers"), ("/nginx-metrics", "refusals")):
            answer = host.curl(f"http://host{path}", "--unix-socket", folders[0] / "metrics")
            assert metric in answer.body
    with (
        stub(tmp_path / "poisoned", ports[0], host.certificate, BREAKS_OFF, protocol=""),
        stub(tmp_path / "well", ports[1], host.certificate, protocol=""),
        nginx_balancing(folders[1], host, ports, port),
    ):
        answers = [host.curl(f"{url}/v1/faces", "-d", "poison") for _ in range(2)]
        (broken,) = (answer for answer in answers if answer.status != 200)
        assert_problem(broken, 503, "busy")


def test_the_hosts_see_the_client_and_believe_a_balancer_alone(host, before):
    one, other = "127.0.6.1", "127.0.6.2"
    with before(host=host.balanced) as (balancer, _):
        url = f"https://localhost:{balancer.https_port}"
        assert flood(balancer.certificate, url, one)["429"] > 0
        assert host.curl(f"{url}/upload", "--interface", one).status == 429
        answer = host.curl(f"{url}/readyz", "--interface", other)
        assert (answer.status, answer.json()["status"]) == (200, "ready")
        assert balancer.is_up("host")
        redirect = host.curl(f"http://localhost:{balancer.http_port}/x?y=1")
        assert (redirect.status, redirect.headers["location"]) == (308, "https://localhost/x?y=1")
        assert one not in balancer.log.read_text()
        metrics = host.curl(f"{balancer.inside}/metrics").body
        assert 'haproxy_server_status{proxy="yanling",server="host",state="UP"} 1' in metrics
    # whoever is no balancer can say what he likes
    assert said_by("127.0.0.1", host, claims=one) == 429
    assert said_by("127.0.0.9", host, claims=one) == 400  # no photo, but no limit either
    assert said_by("127.0.0.10", host, claims=other, times=250) == 429
    assert said_by("127.0.0.1", host, claims=other) == 400


def said_by(source, host, claims, times=1):
    """The status of the last of some empty uploads, sent with the PROXY protocol from `source`."""
    address, port = host.balanced.split(":")
    trust = ssl.create_default_context(cafile=host.certificate)
    with socket.create_connection((address, int(port)), 60, (source, 0)) as plain:
        addresses = socket.inet_aton(claims) + socket.inet_aton(address)
        head = b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x21, 0x11]) + struct.pack(">H", 12)
        plain.sendall(head + addresses + struct.pack(">HH", 5, int(port)))
        with trust.wrap_socket(plain, server_hostname="localhost") as tls:
            connection = http.client.HTTPConnection("localhost")
            connection.sock = tls
            for _ in range(times):
                connection.request("POST", "/upload")
                answer = connection.getresponse()
                answer.read()
            return answer.status


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hangs"])
def test_a_host_that_cannot_be_reached_costs_no_request(before, sign):
    quick = {"timeout connect 2s": "timeout connect 300ms"}
    with before(quick, well={}, other={}) as (balancer, stubs):
        assert failed(upload(balancer, 4)) == []
        stubs["other"].send_signal(sign)
        if sign == signal.SIGKILL:
            stubs["other"].wait()
        assert failed(upload(balancer, 4)) == []
        # it was tried, and another one instead; unless a check was first to notice
        assert balancer.count("wredis", "other") >= 1 or not balancer.is_up("other")
        until(lambda: not balancer.is_up("other"))
        assert failed(upload(balancer, 4)) == []


def test_a_photo_that_was_sent_is_never_sent_again(host, before):
    """It may be what broke the host."""
    with before(poisoned={"upload": BREAKS_OFF}, well={}) as (balancer, _):
        url = f"https://localhost:{balancer.https_port}/v1/faces"
        answers = [host.curl(url, "-d", "poison") for _ in range(6)]
        broken = [answer for answer in answers if answer.status != 200]
        assert len(broken) == balancer.count("stot", "poisoned") == 3
        assert balancer.count("stot", "well") == 3
    for answer in broken:
        assert_problem(answer, 502, "busy")
        assert answer.headers["retry-after"] == "5"


def test_neither_a_drained_host_nor_a_reload_costs_a_request(host, before):
    with (
        before(host=host.balanced, well={}) as (balancer, _),
        load(balancer, [PHOTO], 2) as answers,
    ):
        balancer.tell("set server yanling/host state drain")
        until(lambda: balancer.count("scur", "host") == 0)
        drained, seen = balancer.count("stot", "host"), len(answers)
        until(lambda: len(answers) > seen + 10)
        assert balancer.count("stot", "host") == drained
        balancer.tell("set server yanling/host state ready")
        until(lambda: balancer.count("stot", "host") > drained)
        os.kill(balancer.process, signal.SIGUSR2)  # as `systemctl reload haproxy` does
        until(lambda: balancer.log.read_text().count("Proxy yanling stopped"))
        seen = len(answers)
        until(lambda: len(answers) > seen + 10)
    assert failed(answers) == []


def test_a_host_that_refuses_at_once_does_not_attract_the_load(host, before):
    with (
        before(host=host.balanced, busy={"upload": BUSY}) as (balancer, _),
        load(balancer, [PHOTO], 4) as answers,
    ):
        until(lambda: balancer.count("stot", "host") >= 10)
        assert balancer.is_up("busy")
        assert balancer.count("stot", "busy") < 2 * balancer.count("stot", "host")
    assert failed(answers)


def test_a_host_that_refuses_everything_is_taken_out(before):
    with before(well={}, sick={"upload": BUSY, "ready": 503}) as (balancer, _):
        upload(balancer, 6)
        until(lambda: not balancer.is_up("sick"))
        assert failed(upload(balancer, 4)) == []
        assert balancer.count("hrsp_5xx", "sick") <= 3


def test_beyond_the_queue_and_without_hosts_all_get_the_documented_answer(host, before, tmp_path):
    short = {
        "server maxconn 1000": "server maxconn 1",
        "{ queue(yanling) ge 200 }": "{ queue(yanling) ge 1 }",
    }
    with before(short, busy={"upload": BUSY}) as (balancer, stubs):
        with load(balancer, [PHOTO], 4) as answers:
            until(lambda: len(answers) >= 8)
        assert {answer.status for answer in answers} == {503}
        assert sum(answer.is_busy for answer in answers) >= 4  # HAProxy's own; the stub's are not
        stubs["busy"].kill()
        until(lambda: not balancer.is_up("busy"))
        (large := tmp_path / "large").write_bytes(bytes(8_000_000))
        for version in ("--http1.1", "--http2"):
            url = f"https://localhost:{balancer.https_port}/v1/faces"
            answer = host.curl(url, version, "-H", "Expect:", "--data-binary", f"@{large}")
            assert_problem(answer, 503, "busy")
            assert answer.headers["retry-after"] == "5"
