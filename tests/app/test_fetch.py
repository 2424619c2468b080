"""Photos fetched by their address: from the operator's sites alone, and from nowhere else."""

import socket
import ssl
import threading
from functools import partial

import pytest

from app import fetch
from app.fetch import Site, find, is_public, sites
from deploy.stack import make_certificate
from deploy.testing.waiting import until
from tests.app.photo_host import HOST, Handler, Server

HERE = "127.0.0.1"
PUBLIC = "93.184.215.14"


@pytest.fixture(scope="module")
def port(portrait):
    ended = threading.Event()
    with Server((HERE, 0), partial(Handler, portrait, ended)) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        assert server.asked["Host"] == f"{HOST}:{server.server_port}"
        assert set(server.asked) == {"Host", *fetch.HEADERS}
        ended.set()
        server.shutdown()


@pytest.fixture
def allow(app, monkeypatch):
    """Let the service fetch from these sites; returns what it looks up and where it connects."""
    contacts = []
    lookup, connect = socket.getaddrinfo, socket.create_connection

    def watched_lookup(host, *rest, **options):
        contacts.append(host)
        return lookup(host, *rest, **options)

    def watched_connect(address, *rest):
        contacts.append(address)
        return connect(address, *rest)

    def switch(text):
        monkeypatch.setitem(app.config, "FETCH_FROM", sites(text))
        monkeypatch.setattr(socket, "getaddrinfo", watched_lookup)
        monkeypatch.setattr(socket, "create_connection", watched_connect)
        return contacts

    return switch


@pytest.fixture
def ask(client):
    def send(url, path="/v1/faces", name="url"):
        return client.post(path, json={name: url})

    return send


def resolve(monkeypatch, *answers):
    """Make names resolve to these addresses, in the last way for ever."""
    left = list(answers)

    def lookup(_host, port, **_):
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(0, 0, 0, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def test_a_listed_site_is_fetched_from_by_both_addresses(allow, ask, post, portrait, port):
    allow(f"https://other.test http://{HOST}:{port}={HERE}")
    url = f"HTTP://Photos.Test:{port}/photo.jpg?size=1#top"
    assert ask(url).json["faces"] == post(portrait, "/v1/faces").json["faces"]
    assert ask(url, "/employees", "pic").data == post(portrait).data


def test_off_by_default(ask):
    refused = ask("https://photos.test/a.jpg")
    assert (refused.status_code, refused.json["code"]) == (403, "url_refused")
    absent = ask("https://photos.test/a.jpg", "/employees", "pic")
    assert (absent.status_code, absent.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "gopher://photos.test/", "ftp://photos.test/a", "//photos.test/a"),
        *("data:image/png;base64,aaaa", "", "photos.test/a.jpg", "http:photos.test"),
        *("http://photos.test/a", "https://photos.test:22/a", "https://photos.test:0/"),
        *("https://photos.test.evil.test/", "https://evil.test/photos.test", "https://xphotos.test/"),
        *("https://photos.test@evil.test/", "https://photos.test:443@127.0.0.1/"),
        *("https://evil.test#@photos.test/", "https://evil.test\\@photos.test/"),
        *("https://photos.test\\evil.test/", "https://photos.test%2eevil.test/"),
        *("https://photos.test./a", "https://photos.test /a", "https://photos.test\t/a"),
        *("https://photos.test/a\r\nHost: evil.test", "https://photos.test/图", "https://ｐhotos.test/"),
        *("https://127.0.0.1/", "https://2130706433/", "https://0177.0.0.1/", "https://0x7f.1/"),
        *("https://127.1/", "https://0/", "https://[::1]/", "https://[::ffff:127.0.0.1]/"),
        *("https://[::ffff:7f00:1]/", "https://[fe80::1%25eth0]/", "https://localhost/"),
        *("https://169.254.169.254/latest/meta-data/", "https://127.0.0.1.nip.io/"),
        *(f"https://photos.test/{'a' * 2048}", "https://photos.test?a=b", "https:///photos.test/"),
    ],
)  # fmt: skip
def test_an_address_elsewhere_is_refused_without_a_lookup(allow, ask, url):
    contacts = allow(f"https://{HOST}={HERE}")
    reply = ask(url)
    assert (reply.status_code, reply.json["code"]) == (403, "url_refused")
    assert contacts == []


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *(
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.8",
            "192.0.0.9",
            "192.0.2.1",
        ),
        *("198.18.0.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::10.0.0.1"),
        *(
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12::1",
        ),
        *("fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "100::1"),
    ],
)
def test_a_name_that_leads_to_an_address_that_is_not_public_is_refused(
    allow, ask, monkeypatch, address
):
    contacts = allow(f"https://{HOST}")
    resolve(monkeypatch, [PUBLIC, address])
    reply = ask(f"https://{HOST}/")
    assert (reply.status_code, reply.json["code"]) == (403, "url_refused")
    assert "not public" in reply.json["detail"]
    assert contacts == []


def test_public_addresses_are_public():
    assert all(map(is_public, (PUBLIC, "1.1.1.1", "2606:4700:4700::1111")))


def test_the_hosts_own_name_is_refused(allow, ask, port):
    contacts = allow(f"http://localhost:{port}")
    assert ask(f"http://localhost:{port}/photo.jpg").json["code"] == "url_refused"
    assert contacts == ["localhost"]


def test_a_name_that_changes_after_the_check_changes_nothing(allow, ask, monkeypatch, port):
    """DNS rebinding: the connection goes to the address that was checked."""
    allow(f"http://{HOST}:{port}")
    resolve(monkeypatch, [PUBLIC], [HERE])
    connect, reached = socket.socket.connect, []

    def redirected(self, address):
        reached.append(address)
        return connect(self, (HERE, port))

    def dial(address, timeout):
        line = socket.socket()
        line.settimeout(timeout)
        redirected(line, address)
        return line

    monkeypatch.setattr(socket, "create_connection", dial)
    assert len(ask(f"http://{HOST}:{port}/photo.jpg").json["faces"]) == 1
    assert reached == [(PUBLIC, port)]


@pytest.mark.parametrize(
    ("path", "status", "code", "words"),
    [
        ("redirect", 422, "url_failed", "answers 302. Redirects are not followed."),
        ("missing", 422, "url_failed", "answers 404."),
        ("page", 415, "unsupported_type", "not image/*"),
        ("broken", 422, "url_failed", "broke off"),
        ("large", 413, "too_large", "10 MB"),
        ("endless", 422, "url_failed", "did not arrive"),
        ("slow", 422, "url_failed", "did not arrive"),
    ],
)
def test_what_a_listed_site_may_answer(allow, ask, monkeypatch, port, path, status, code, words):
    allow(f"http://{HOST}:{port}={HERE}")
    if "did not" in words:
        monkeypatch.setattr(fetch, "SECONDS", 0.3)
    reply = ask(f"http://{HOST}:{port}/{path}")
    assert (reply.status_code, reply.json["code"]) == (status, code)
    assert words in reply.json["detail"]
    until(lambda: not [each for each in threading.enumerate() if "work" in each.name])


def test_a_site_that_is_down_or_has_no_name(allow, ask):
    with socket.create_server((HERE, 0)) as unused:
        closed = unused.getsockname()[1]
    allow(f"http://{HOST}:{closed}={HERE} http://nowhere.invalid")
    for url in (f"http://{HOST}:{closed}/", "http://nowhere.invalid/"):
        reply = ask(url)
        assert (reply.status_code, reply.json["code"]) == (422, "url_failed")
        assert "cannot be reached" in reply.json["detail"]


def test_a_certificate_must_be_the_sites(allow, ask, monkeypatch, portrait, tmp_path):
    certificate, key = tmp_path / "tls" / "certificate.pem", tmp_path / "tls" / "key.pem"
    make_certificate(certificate, key)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    with Server((HERE, 0), partial(Handler, portrait, threading.Event())) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever).start()
        names = [f"https://{name}:{server.server_port}" for name in ("localhost", HOST)]
        allow(" ".join(f"{name}={HERE}" for name in names))
        monkeypatch.setattr(fetch, "trust", lambda: ssl.create_default_context(cafile=certificate))
        right, wrong = (ask(f"{name}/photo.jpg").json for name in names)
        monkeypatch.undo()
        server.shutdown()
    assert len(right["faces"]) == 1
    assert wrong["code"] == "url_failed"


def test_the_setting_names_sites():
    assert sites("https://a.test http://b.test:81=10.0.0.7") == (
        Site("https", "a.test", 443),
        Site("http", "b.test", 81, "10.0.0.7"),
    )
    assert find("https://a.test", sites("https://a.test")) == (Site("https", "a.test", 443), "/")
    for wrong in ("a.test", "ftp://a.test", "https://a.test/x", "https://a.test=b", "https://A.test",
                  "https://a.test:x", "*"):  # fmt: skip
        with pytest.raises(ValueError, match="YANLING_FETCH_FROM: "):
            sites(wrong)
