"""Why Let's Encrypt refused: certificate.sh asks as it does, over both families."""

import os
import subprocess
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from socket import AF_INET, AF_INET6
from threading import Thread

import pytest

from deploy.render import has_ipv6
from deploy.testing.service import ROOT, free_ports

NAME = "face.example.com"
V4, V6 = "192.0.2.1", "2001:db8::1"
# with the lines that the real one writes
GETENT = """#!/bin/sh
case $1 in
ahostsv4) for a in $V4; do echo "$a STREAM $2"; done ;;
ahostsv6)
    for a in $V6; do echo "$a STREAM $2"; done
    [ -n "$V6" ] || for a in $V4; do echo "::ffff:$a STREAM $2"; done
    ;;
esac
"""
SCRIPT = ". deploy/certificate.sh; set -euo pipefail; explain_refusal $0 $1"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def web(folder, family, port):
    """A web server that shows `folder` over one family."""

    class Server(HTTPServer):
        address_family = family

    address = "127.0.0.1" if family == AF_INET else "::1"
    with Server((address, port), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever).start()
        yield
        server.shutdown()


@pytest.fixture
def explain(tmp_path):
    """What certificate.sh says for a name with these addresses when this host answers over these
    families."""

    def explain(addresses, answered):
        (port,) = free_ports(1)
        (tmp_path / "getent").write_text(GETENT)
        (tmp_path / "getent").chmod(0o755)
        (tmp_path / ".curlrc").write_text(f'connect-to = "::localhost:{port}"\nnoproxy = "*"\n')
        webroot = tmp_path / "html"
        webroot.mkdir()
        environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        environment |= {"CURL_HOME": str(tmp_path)}
        environment |= {"V4": V4 if 4 in addresses else "", "V6": V6 if 6 in addresses else ""}
        with ExitStack() as servers:
            for family in answered:
                servers.enter_context(web(webroot, AF_INET if family == 4 else AF_INET6, port))
            command = ["bash", "-c", SCRIPT, NAME, webroot]
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
            )
        assert not [file for file in webroot.rglob("*") if file.is_file()]
        return done.stdout

    return explain


CASES = [
    ({4}, {4}, []),
    ({4, 6}, {4, 6}, []),
    ({4, 6}, {4}, [f"not lead to this host over IPv6 ({V6}): correct or remove its DNS AAAA "]),
    ({4, 6}, {6}, [f"not lead to this host over IPv4 ({V4}): correct or remove its DNS A "]),
    ({4, 6}, set(), [f"over IPv4 ({V4})", f"over IPv6 ({V6})"]),
    (set(), {4}, [f"{NAME} has no address: make a DNS A or AAAA record"]),
]


@pytest.mark.parametrize(
    ("addresses", "answered", "said"), [case for case in CASES if 6 not in case[1] or has_ipv6()]
)
def test_each_family_that_does_not_lead_here_is_named(explain, addresses, answered, said):
    text = explain(addresses, answered)
    assert text.count("record") == len(said)
    assert all(each in text for each in said)
