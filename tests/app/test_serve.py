"""`make serve`: uWSGI speaks HTTP itself, without nginx."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.testing.ports import free_ports
from deploy.testing.processes import children
from deploy.testing.service import master, serving
from deploy.testing.waiting import until
from tests.hostile.http import form

NODE = """
const http = require('http'), photo = require('fs').readFileSync(process.argv[1])
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 }), failed = []
let left = Number(process.argv[3])
const headers = { 'Content-Type': 'image/jpeg', 'Content-Length': photo.length }
function send() {
  if (left-- <= 0) return
  const to = process.argv[2] + '/v1/faces'
  const request = http.request(to, { method: 'POST', agent, headers }, answer => {
    if (answer.statusCode !== 200) failed.push(answer.statusCode)
    answer.resume().on('end', send)
  })
  request.on('error', error => { failed.push(error.code); send() })
  request.end(photo)
}
send(); send()
process.on('exit', () => console.log(JSON.stringify(failed)))
"""


def connect(url):
    return http.client.HTTPConnection(url.removeprefix("http://"), timeout=180)


def reload(process):
    """Have uWSGI reload, and wait for its new workers."""
    old = children(process)
    os.kill(process, signal.SIGHUP)
    until(lambda: len(children(process) - old) == len(old))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/v1/faces", 200), ("GET", "/static/page.js", 200), ("GET", "/nowhere", 404),
     ("PUT", "/upload", 405), ("POST", "/v1/faces", 413)],
)  # fmt: skip
def test_clients_are_told_that_the_connection_closes(service, portrait, method, path, status):
    """Otherwise one with a pool sends its next request into a closed connection."""
    body = bytes(11 * 2**20) if status == 413 else portrait if method == "POST" else None
    connection = connect(service)
    connection.request(method, path, body, {"Content-Type": "image/jpeg"})
    answer = connection.getresponse()
    assert answer.status == status
    assert answer.getheader("Connection") == "close"
    connection.close()


def test_no_request_is_lost_by_clients_that_keep_connections_or_by_reloads(portrait, portrait_file):
    (port,) = free_ports(1)
    with serving(port) as url:
        process, ended, statuses = master(url), threading.Event(), []

        def upload():
            connection = connect(url)
            while not ended.is_set():
                connection.request("POST", "/v1/faces", portrait, {"Content-Type": "image/jpeg"})
                with connection.getresponse() as answer:
                    answer.read()
                    statuses.append(answer.status)
            connection.close()

        addresses = ["-o", "/dev/null", f"{url}/healthz"] * 50
        with (
            started("node", "-e", NODE, portrait_file, url, "150") as node,
            started("curl", "-sS", "-w", "%{http_code}\n", *addresses) as curl,
            ThreadPoolExecutor() as threads,
        ):
            python = threads.submit(upload)
            try:
                for count in (10, 20, 30):
                    until(lambda count=count: len(statuses) > count)
                    reload(process)
            finally:
                ended.set()
            python.result()
            assert set(statuses) == {200}
            assert json.loads(node.communicate()[0]) == []
            assert curl.communicate()[0].split() == ["200"] * 50


def started(*words):
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def chunked(url, path, kind, pieces):
    """The answer to a body of these chunks: its status and JSON object."""
    connection = connect(url)
    headers = {"Content-Type": kind, "Transfer-Encoding": "chunked"}
    connection.request("POST", path, iter(pieces), headers, encode_chunked=True)
    with connection.getresponse() as answer:
        found = answer.status, json.loads(answer.read())
    connection.close()
    return found


@pytest.mark.parametrize("size", [1000, 10**6], ids=["many chunks", "one chunk"])
def test_a_body_in_chunks_is_answered_like_any_other(service, portrait, size):
    def pieces(data):
        return [data[at : at + size] for at in range(0, len(data), size)]

    whole, kind = form(portrait)
    status, answer = chunked(service, "/upload", kind, pieces(whole))
    assert (status, answer["gender"]) == (200, "Female")
    status, answer = chunked(service, "/v1/faces", "image/jpeg", pieces(portrait))
    assert (status, len(answer["faces"])) == (200, 1)


@pytest.mark.parametrize("chunk", [64 * 1024, 12 * 2**20], ids=["many chunks", "one chunk"])
@pytest.mark.parametrize(
    ("path", "code"),
    [("/upload", "too_large"), ("/v1/faces", "too_large"), ("/nowhere", "not_found")],
)
def test_a_body_in_chunks_has_the_same_limit(service, path, code, chunk):
    body = form(bytes(12 * 2**20))[0] if path == "/upload" else bytes(12 * 2**20)
    kind = form(b"")[1] if path == "/upload" else "image/jpeg"
    pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)]
    assert chunked(service, path, kind, pieces)[1]["code"] == code


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Transfer-Encoding: chunked", b"5\r\nabcde\r\n"),
        ("Transfer-Encoding: chunked", b"500\r\nabcde"),
        ("Transfer-Encoding: chunked", b"-1\r\nabcde\r\n"),
        ("Content-Length: 500", b"abcde"),
    ],
    ids=["no last chunk", "cut off", "negative", "shorter than its length"],
)
def test_a_body_that_breaks_off_is_a_bad_request(service, head, body):
    host, port = service.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=180) as client:
        lines = ("POST /v1/faces HTTP/1.1", "Host: localhost", "Content-Type: image/png", head)
        client.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode() + body)
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code": "bad_request"' in answer
    assert b"body" in answer


def test_what_is_not_http_gets_400(service):
    host, port = service.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=180) as client:
        client.sendall(b"garbage\r\n\r\n")
        assert b" 400 " in client.recv(4096)


def test_two_services_share_neither_counts_nor_spool(portrait):
    def uploads(url):
        with urllib.request.urlopen(f"{url}/metrics") as answer:
            counted = re.findall(r'requests_total\{.*"/v1/faces".*\} (\d+)', answer.read().decode())
        return list(map(float, counted))

    def upload(url):
        kind = {"Content-Type": "image/jpeg"}
        urllib.request.urlopen(urllib.request.Request(f"{url}/v1/faces", portrait, kind)).close()

    first_port, second_port = free_ports(2)
    with serving(first_port) as first:
        upload(first)
        upload(first)
        (spool,) = Path("/dev/shm").glob(f"yanling-{os.getuid()}-*{first_port}")
        (spool / "in use").touch()
        with serving(second_port) as second:
            upload(second)
            assert (uploads(first), uploads(second)) == ([2], [1])
            assert (spool / "in use").exists()
        with pytest.raises(RuntimeError, match="stopped"), serving(second_port, spool):
            pass
        upload(first)
        assert uploads(first) == [3]
        assert (spool / "in use").exists()
