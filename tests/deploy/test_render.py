"""deploy/site.env and the templates have the same names."""

import re
import subprocess
import sys
from configparser import RawConfigParser

import pytest

from deploy import render


def test_every_setting_is_used_and_every_name_is_set():
    used = set()
    for template in render.DEPLOY.glob("*/*.conf"):
        used |= set(re.findall(r"@([A-Z_]+)@", template.read_text()))
    made = {"CURVES", "HTTP_TWO", "PROBE", "QUEUES", "BALANCED"}
    used.add("BALANCER_LISTEN")  # in BALANCED
    assert used == set(render.read(render.DEPLOY / "site.env")) | made


def test_a_name_without_a_value_is_an_error(tmp_path):
    with pytest.raises(KeyError):
        render.render({}, tmp_path)


@pytest.mark.parametrize(
    ("listen", "addresses", "expected"),
    [
        ("443", "00000000000000000000000000000001 01 80 10 80 lo\n", ["443", "[::]:443"]),
        ("443", "", ["443"]),
        ("443", None, ["443"]),
        ("0.0.0.0:443", "00000000000000000000000000000001 01 80 10 80 lo\n", ["0.0.0.0:443"]),
    ],
    ids=["both", "disabled", "absent", "IPv4 asked for"],
)
def test_nginx_listens_on_ipv6_where_the_host_has_it(tmp_path, listen, addresses, expected):
    if addresses is not None:
        (tmp_path / "if_inet6").write_text(addresses)
    values = render.read(render.DEPLOY / "site.env") | {"HTTPS_LISTEN": listen}
    render.render(values, tmp_path / "out", tmp_path / "if_inet6")
    text = (tmp_path / "out/nginx/yanling.conf").read_text()
    assert re.findall(r"listen (\S+) ssl(?: http2)?;", text) == expected


BUILT = "nginx version: nginx/1.26.3\nbuilt with OpenSSL {}\nTLS SNI support enabled"


@pytest.mark.parametrize(
    ("openssl", "first"),
    [
        ("3.0.22 25 Aug 2026 (running with OpenSSL 3.0.19 27 Jan 2026)", "X25519"),
        ("3.5.7 9 Jun 2026 (running with OpenSSL 3.5.9 29 Sep 2026)", "X25519MLKEM768"),
        ("3.5.7 9 Jun 2026", "X25519MLKEM768"),
        ("3.4.1 11 Feb 2025 (running with OpenSSL 4.0.0 14 Apr 2026)", "X25519MLKEM768"),
        ("3.5.7 9 Jun 2026 (running with OpenSSL 3.4.1 11 Feb 2025)", "X25519"),
        ("of another maker", "X25519"),
    ],
)
def test_the_curves_are_those_that_openssl_knows(openssl, first):
    assert render.curves(BUILT.format(openssl)).split(":")[0] == first


@pytest.mark.parametrize(
    ("version", "newer"),
    [("1.22.1", False), ("1.25.0 (Ubuntu)", False), ("1.25.1", True), ("1.26.3", True)],
)
def test_http2_is_said_as_nginx_wants_it(version, newer):
    wanted = ";\n    http2 on" if newer else " http2"
    assert render.http2(f"nginx version: nginx/{version}\nbuilt with OpenSSL 3.5.0") == wanted


def test_http2_is_also_there_with_an_nginx_that_gives_no_version():
    assert render.http2("nginx version: of another maker") == " http2"


@pytest.mark.parametrize("balancers", ["", "192.0.2.7,192.0.2.8"])
def test_nginx_listens_for_balancers_where_there_are_some(tmp_path, balancers):
    values = render.read(render.DEPLOY / "site.env") | {"BALANCERS": balancers}
    render.render(values, tmp_path)
    text = (tmp_path / "nginx/yanling.conf").read_text()
    assert ("listen 8443 ssl proxy_protocol;" in text) == bool(balancers)


@pytest.mark.parametrize(
    ("listen", "reached"),
    [
        ("443", "127.0.0.1:443"),
        ("*:443", "127.0.0.1:443"),
        ("0.0.0.0:8443 reuseport", "127.0.0.1:8443"),
        ("[::]:443", "[::1]:443"),
        ("192.0.2.1:443", "192.0.2.1:443"),
    ],
)
def test_the_probe_asks_where_nginx_listens(listen, reached):
    assert render.probe(listen) == reached


def test_the_service_runs_as_a_user_of_its_own(tmp_path):
    render.render(render.read(render.DEPLOY / "site.env"), tmp_path)
    config = RawConfigParser()
    config.read(tmp_path / "supervisor" / "yanling.conf")
    assert config["program:yanling"]["user"] == "yanling"


def test_what_root_makes_has_no_parent_that_the_service_may_change(tmp_path):
    """A link in its place would have root give away or overwrite what the link leads to."""
    render.render(render.read(render.DEPLOY / "site.env"), tmp_path)
    lines = (tmp_path / "tmpfiles.d/yanling.conf").read_text().splitlines()
    owners = {line.split()[1]: line.split()[3] for line in lines if not line.startswith("#")}
    assert owners == {"/run/yanling": "root", "/run/yanling/service": "yanling"}
    config = (tmp_path / "supervisor/yanling.conf").read_text()
    config += (tmp_path / "nginx/yanling.conf").read_text()
    made = dict.fromkeys(re.findall(r"/run/yanling/([\w./-]+)", config))
    ours = [name for name in made if not name.startswith("service")]
    assert ours == ["reload", "nginx-bodies"]  # which only root makes


def test_every_template_is_filled_completely(tmp_path):
    render.render(render.read(render.DEPLOY / "site.env"), tmp_path)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) == len(list(render.DEPLOY.glob("*/*.conf")))
    assert not [file for file in files if re.search(r"@[A-Z_]+@", file.read_text())]


def test_settings_that_a_host_lacks_are_those_of_site_env(tmp_path):
    (tmp_path / "yanling.env").write_text("RUN=/run/elsewhere\n")
    command = [sys.executable, render.__file__, tmp_path / "yanling.env", tmp_path / "out"]
    subprocess.run(command, check=True)
    text = (tmp_path / "out" / "supervisor" / "yanling.conf").read_text()
    assert "/run/elsewhere/service/uwsgi.sock" in text
    assert "user=yanling" in text
