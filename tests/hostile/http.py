"""Requests as bytes, because no HTTP library would send these, and their exchange over TLS."""

import json
import socket
import ssl
import time
from typing import NamedTuple

from deploy.testing.stack import Stack

BOUNDARY = "----hostile"
TIMEOUT = 60  # seconds


class Reply(NamedTuple):
    """`status` 0: the connection was closed without an answer."""

    status: int
    type: str
    body: bytes
    seconds: float

    @property
    def answer(self) -> str:
        """`ok`, the problem's code, or `closed`."""
        if self.status in (0, 200):
            return "ok" if self.status else "closed"
        is_problem = self.type == "application/problem+json"
        return json.loads(self.body)["code"] if is_problem else f"HTTP {self.status} {self.type}"


def part(data: bytes, name: str = "photo.jpg", field: str = "file") -> bytes:
    head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    return f"--{BOUNDARY}\r\n{head}Content-Type: image/jpeg\r\n\r\n".encode() + data + b"\r\n"


def form(*photos: bytes, name: str = "photo.jpg") -> tuple[bytes, str]:
    """A form with these files, and its content type."""
    parts = b"".join(part(data, name) for data in photos)
    end = f"--{BOUNDARY}--\r\n".encode()
    return parts + end, f"multipart/form-data; boundary={BOUNDARY}"


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    all_lines = (f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines)
    return "".join(f"{line}\r\n" for line in (*all_lines, "")).encode()


def post(path: str, body: bytes, type_: str, *lines: str) -> bytes:
    return head(path, f"Content-Type: {type_}", f"Content-Length: {len(body)}", *lines) + body


def chunked(path: str, body: bytes, type_: str, size: int = 8192) -> bytes:
    size = max(size, len(body) // 1000)
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    lines = (f"Content-Type: {type_}", "Transfer-Encoding: chunked")
    return head(path, *lines) + chunks + b"0\r\n\r\n"


def exchange(stack: Stack, request: bytes, source: str, hang_up: bool = False) -> Reply:
    """Send a request from the address `source` and read the answer to its end. `hang_up`: close
    our side after sending. Raises TimeoutError."""
    begin = time.monotonic()
    answer = b""
    with stack.connect(source, TIMEOUT) as tls:
        tls.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            tls.sendall(request)
            if hang_up:
                socket.socket.shutdown(tls, socket.SHUT_WR)  # without TLS's close_notify
            while piece := tls.recv(65536):
                answer += piece
        except (ConnectionError, ssl.SSLError):
            pass  # refused before all was sent; its answer may have arrived
    return parsed(answer, time.monotonic() - begin)


def parsed(answer: bytes, seconds: float) -> Reply:
    if not answer.startswith(b"HTTP/"):  # HTTP/0.9 has no head
        return Reply(200 if answer else 0, "", answer, seconds)
    lines, _, body = answer.partition(b"\r\n\r\n")
    headers = dict(line.split(b": ", 1) for line in lines.splitlines()[1:] if b": " in line)
    types = [value.decode() for name, value in headers.items() if name.lower() == b"content-type"]
    return Reply(int(lines.split()[1]), types[0] if types else "", body, seconds)
