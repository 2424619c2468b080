"""certificate.sh says what is wrong with a certificate before nginx gets it, and why Let's Encrypt
refused: it asks as that does, over both families."""

import os
import re
import subprocess
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from socket import AF_INET, AF_INET6
from threading import Thread

import pytest

from deploy.render import has_ipv6
from deploy.testing.ports import free_ports
from deploy.testing.service import ROOT

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


def sign(folder, *names, since="2026-01-01", days=3650):
    """A self-signed certificate for these names, valid from that day, and its key."""
    files = folder / "certificate.pem", folder / "key.pem"
    command = ["faketime", since, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"]
    command += ["-days", str(days), "-subj", "/CN=face.example.com"]
    if names:
        command += ["-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)]
    command += ["-out", files[0], "-keyout", files[1]]
    subprocess.run(command, check=True, capture_output=True)
    return files


def fault(certificate, key):
    script = '. deploy/certificate.sh; set -euo pipefail; fault=$(find_fault "$@"); echo "$fault"'
    command = ["bash", "-c", script, "bash", certificate, key, NAME]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.removesuffix("\n")


@pytest.mark.parametrize(
    ("names", "dates", "said"),
    [
        ([NAME], {}, ""),
        (["other.example", "*.example.com"], {}, ""),
        (["other.example"], {}, f" is for DNS:other.example, not for {NAME}"),
        (["*.a.example.com", "*.b"], {}, f" is for DNS:*.a.example.com, DNS:*.b, not for {NAME}"),
        ([], {}, f" is for no name (subjectAltName), not for {NAME}"),
        ([NAME], {"since": "2020-01-01", "days": 90}, " expired on Mar 31 2020 GMT"),
        ([NAME], {"since": "2096-01-01"}, " is not valid before Jan  1 2096 GMT"),
    ],
)  # fmt: skip
def test_names_and_dates_of_a_certificate_are_checked(tmp_path, monkeypatch, names, dates, said):
    monkeypatch.setenv("TZ", "UTC")
    certificate, key = sign(tmp_path, *names, **dates)
    found = re.sub(r" \d\d:\d\d:\d\d", "", fault(certificate, key))
    assert found == (f"{certificate}{said}" if said else "")


UNREADABLE = "{file} is not a certificate with its chain in PEM"


@pytest.mark.parametrize(
    ("broken", "content", "said"),
    [
        ("certificate.pem", None, "{file} does not exist"),
        ("certificate.pem", "", UNREADABLE),
        ("certificate.pem", "{certificate}{cut}", UNREADABLE),
        ("certificate.pem", "{certificate}{certificate}", ""),
        ("key.pem", None, "the key {file} cannot be read"),
        ("key.pem", "{certificate}", "{file} is not a key in PEM without a passphrase"),
        ("key.pem", "{locked}", "{file} is not a key in PEM without a passphrase"),
        ("key.pem", "{other}", "{folder}/certificate.pem belongs to another key than {file}"),
    ],
)  # fmt: skip
def test_files_of_a_certificate_are_checked(tmp_path, broken, content, said):
    certificate, key = sign(tmp_path, NAME)
    new = ["openssl", "genpkey", "-algorithm", "ed25519", "-out"]
    subprocess.run([*new, tmp_path / "other"], check=True)
    subprocess.run([*new, tmp_path / "locked", "-aes256", "-pass", "pass:x"], check=True)
    text = certificate.read_text()
    texts = {name: (tmp_path / name).read_text() for name in ("other", "locked")}
    file = tmp_path / broken
    file.unlink()
    if content is not None:
        cut = text.replace("-----END", "!-----END")
        file.write_text(content.format(certificate=text, cut=cut, **texts))
    assert fault(certificate, key) == said.format(file=file, folder=tmp_path)
