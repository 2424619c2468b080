"""nginx's own part: TLS, limits, and its errors as problem documents."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from app import FORM_BYTES
from app.page import PERMISSIONS, POLICY
from deploy.testing.service import ROOT
from model.photo import MAX_BYTES
from tests.deploy.problems import assert_problem

MEGABYTE = 1024 * 1024
PATH = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}  # where Debian keeps nginx


def test_http_goes_to_https(stack):
    answer = stack.curl(f"{stack.http}/upload?x=1", "-X", "POST")
    assert answer.status == 308
    assert answer.headers["location"] == f"{stack.url}/upload?x=1"
    assert "strict-transport-security" not in answer.headers


def test_a_photo_sent_to_http_is_redirected_too(stack, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(bytes(5 * MEGABYTE))
    assert stack.curl(f"{stack.http}/upload", "-F", f"file=@{tmp_path}/photo.jpg").status == 308


def test_the_page_comes_through_with_its_policy(stack):
    answer = stack.curl("/")
    assert answer.status == 200
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["permissions-policy"] == PERMISSIONS
    script = stack.curl("/static/page.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("options", [[], ["--http1.1", "-H", "Transfer-Encoding: chunked"]])
def test_too_large(stack, tmp_path, options):
    (tmp_path / "large.jpg").write_bytes(bytes(12 * MEGABYTE))
    assert_problem(stack.upload(tmp_path / "large.jpg", *options), 413, "too_large")


def test_too_large_for_the_service_but_not_for_nginx(stack, tmp_path):
    (tmp_path / "large.jpg").write_bytes(bytes(10 * MEGABYTE + 1))
    assert_problem(stack.upload(tmp_path / "large.jpg"), 413, "too_large")


def test_nginx_and_the_service_have_the_same_limit():
    config = (ROOT / "deploy" / "nginx" / "yanling.conf").read_text()
    assert f"client_max_body_size {(MAX_BYTES + FORM_BYTES) // 1024}k;" in config


@pytest.mark.parametrize(
    ("path", "options", "code"),
    [
        ("/nowhere", [], "not_found"),
        ("/upload", ["-X", "PUT"], "method_not_allowed"),
        ("/upload", ["-H", "Content-Type: application/json"], "unsupported_type"),
    ],
)
def test_a_large_body_that_nobody_reads_gets_its_answer(stack, tmp_path, path, options, code):
    """A worker that closes without reading would make one in five a 503."""
    (tmp_path / "large").write_bytes(bytes(9 * MEGABYTE))
    for _ in range(15):
        answer = stack.curl(path, "--data-binary", f"@{tmp_path}/large", *options)
        assert answer.json()["code"] == code


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/./metrics", "/%6detrics", "/metrics?"])
def test_metrics_are_not_reachable(stack, path):
    assert_problem(stack.curl(path, "--path-as-is"), 404, "not_found")


def test_nginxs_own_errors_are_problems_too(stack):
    long = ["--http1.1", "-H", "X: " + "a" * 9000]
    assert_problem(stack.curl("/nothing/here"), 404, "not_found")
    assert_problem(stack.curl("/upload", "-X", "TRACE"), 405, "method_not_allowed")
    assert_problem(stack.curl("/" + "a" * 9000, "--http1.1"), 414, "bad_request")
    assert_problem(stack.curl("/", *long), 431, "bad_request")
    assert_problem(stack.curl(f"{stack.http}/", *long), 431, "bad_request")
    assert_problem(stack.curl(stack.url.replace("https", "http")), 400, "bad_request")


def test_headers_of_the_longest_size_reach_the_service(stack):
    cookies = ["-H", "X-A: " + "a" * 7000, "-H", "X-B: " + "b" * 7000]
    assert stack.curl("/healthz", "--http1.1", *cookies).status == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /\x01 HTTP/1.1\r\n\r\n",
        b"garbage\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
    ],
    ids=["control character", "no HTTP", "version", "transfer coding"],
)
def test_garbage_is_a_bad_request(stack, request_):
    with stack.connect() as tls:
        tls.sendall(request_)
        answer = b"".join(iter(lambda: tls.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert b'"status":400,' in answer
    assert b'"code":"bad_request"' in answer


def test_only_tls_1_2_and_1_3(stack):
    for version in ("1.2", "1.3"):
        assert stack.curl("/healthz", f"--tlsv{version}", "--tls-max", version).status == 200
    # at its default level OpenSSL would not offer 1.1
    old = ["--tlsv1.1", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"]
    with pytest.raises(subprocess.CalledProcessError) as refused:
        stack.curl("/healthz", *old)
    assert b"alert protocol version" in refused.value.stderr


@pytest.mark.parametrize("cipher", ["ECDHE-RSA-AES128-SHA", "AES128-GCM-SHA256", "AES256-SHA"])
def test_old_ciphers_are_refused(stack, cipher):
    """Without forward secrecy, or without authenticated encryption."""
    with pytest.raises(subprocess.CalledProcessError) as refused:
        stack.curl("/healthz", "--tls-max", "1.2", "--ciphers", cipher)
    assert b"handshake failure" in refused.value.stderr


def test_mozillas_intermediate_profile(stack):
    """sslyze complains only that the certificate is self-signed."""
    command = [Path(sys.executable).parent / "sslyze", "--mozilla_config", "intermediate"]
    done = subprocess.run([*command, f"localhost:{stack.https_port}"], capture_output=True)
    verdict = done.stdout.decode().partition("COMPLIANCE AGAINST")[2]
    assert f"localhost:{stack.https_port}: FAILED" in verdict
    faults = [line.strip() for line in verdict.splitlines() if line.strip().startswith("* ")]
    assert [fault.split()[1] for fault in faults] == ["certificate_path_validation:"]


def test_the_best_key_exchange_that_openssl_has_is_offered(stack):
    """X25519MLKEM768 stands up to quantum computers. The client here uses nginx's OpenSSL."""
    known = subprocess.run(["openssl", "list", "-kem-algorithms"], capture_output=True).stdout
    best = "X25519MLKEM768" if b"X25519MLKEM768" in known else "X25519"
    command = ["openssl", "s_client", "-brief", "-groups", best]
    command += ["-connect", f"localhost:{stack.https_port}"]
    done = subprocess.run(command, capture_output=True, text=True, input="")
    assert (done.returncode, "CONNECTION ESTABLISHED" in done.stderr) == (0, True)


@pytest.mark.parametrize("name", ["127.0.0.1", "example.com"])
def test_tls_for_another_name_gets_no_service(stack, name):
    """A client sends no name over TLS when it asks for a bare address."""
    address = f"{name}:{stack.https_port}"
    options = ["--insecure", "--resolve", f"{address}:127.0.0.1"]
    assert_problem(stack.curl(f"https://{address}/healthz", *options), 421, "bad_request")


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/", [], 200),
        ("/static/page.js", [], 200),
        ("/healthz", [], 200),
        ("/upload", ["-X", "POST"], 400),
        ("/metrics", [], 404),
        ("/nowhere", [], 404),
        ("/static/nowhere", [], 404),
        ("/upload", ["-X", "TRACE"], 405),
        ("/" + "a" * 9000, ["--http1.1"], 414),
        ("/healthz", ["-H", "Host: example.com"], 421),
    ],
)
def test_headers_of_every_answer(stack, path, options, status):
    answer = stack.curl(path, *options)
    headers = answer.headers
    assert answer.status == status
    assert headers["strict-transport-security"] == "max-age=63072000"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert headers["server"] == "nginx"  # and no version
    assert len(headers["x-request-id"]) == 32


@pytest.mark.parametrize("path", ["/upload", "/v1/faces", "/"])
def test_pages_of_other_sites_are_refused(stack, path):
    origin = ["-H", "Origin: https://shop.example"]
    preflight = [*origin, "-X", "OPTIONS", "-H", "Access-Control-Request-Method: POST"]
    for each in (stack.curl(path, *preflight), stack.curl(path, *origin)):
        assert not [name for name in each.headers if name.startswith("access-control")]


def test_estimates_are_not_cached(stack, portrait_file):
    assert stack.upload(portrait_file).headers["cache-control"] == "no-store"


def test_other_names_are_refused(stack):
    for name in ("example.com", "127.0.0.1", "localhost.example.com"):
        assert_problem(stack.curl("/healthz", "-H", f"Host: {name}"), 421, "bad_request")
    assert stack.curl("/healthz", "-H", "Host: LOCALHOST").status == 200


def test_no_answer_shows_nginxs_version(stack):
    version = subprocess.run(["nginx", "-v"], capture_output=True, text=True, env=PATH).stderr
    number = version.strip().rpartition("/")[2].split()[0]
    for address in ("/", "/nowhere", "/metrics", "/" + "a" * 9000, stack.http):
        answer = stack.curl(address, "--http1.1")
        assert number not in str(answer.headers) + answer.body


def test_a_flood_gets_429_with_retry_after(stack):
    # from an address of its own: the limits are by address
    flood = ["-sS", "-Z", "--parallel-max", "8", "--interface", "127.0.0.2"]
    each = ["-w", "%{http_code} %{content_type} %header{retry-after}\n", "-o", "/dev/null"]
    address = f"{stack.url}/healthz?[1-1500]"
    command = ["curl", *flood, "--cacert", stack.certificate, *each, address]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answers = Counter(done.stdout.splitlines())
    assert set(answers) == {"200 application/json ", "429 application/problem+json 2"}
