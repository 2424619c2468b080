"""Invalid and unusual HTTP that no client sends by accident."""

from collections.abc import Iterator

from tests.hostile.http import chunked, form, head, post
from tests.hostile.sources import sources

BAD = ("bad_request",)
GONE = ("closed", *BAD)
METHODS = ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "get", "G" * 3000)
PATHS = (
    *("/upload/", "//upload", "/upload/../upload", "/../../etc/passwd", "/upload#x", "/.problem"),
    *("/%2e%2e/%2e%2e/etc/passwd", "/upload%00.jpg", "/%ff%fe", "/upload;a=b", "/.git/config"),
    *("/static/../app/wsgi.py", "/upload?" + "q" * 7000, "/v1/faces?file=../../etc/passwd"),
    *("/" + "%41" * 2000, "/metrics", "/readyz/..;/metrics", "/static/%2e%2e/%2e%2e/uwsgi.ini"),
    "/upload\\..\\x",
)
LENGTHS = ("-1", "abc", "1e3", "0x10", "99999999999999999999", "9223372036854775808", "1, 2", "")
CHUNK_SIZES = (
    *("-1", "zz", "", " ", "0x5", "FFFFFFFFFFFFFFFF", "10000000000000000", "5;" + "e" * 9000),
)
FIRST_LINES = (
    *("garbage", "", "GET", "GET /upload", "GET  /upload  HTTP/1.1", "GET /upload HTTP/1.1 x"),
    *("POST /upload HTTP/9.9", "POST /upload HTTP/", "POST /upload HTTP/1.1\0", "\x16\x03\x01\x02"),
    *(
        "POST upload HTTP/1.1",
        "POST http://other/upload HTTP/1.1",
        "POST * HTTP/1.1",
        "\x80\xff\xfe",
    ),
    *("\x01 / HTTP/1.1", "PRI * HTTP/2.0", "POST /\x00 HTTP/1.1", f"POST /{'a' * 9000} HTTP/1.1"),
)
HEADERS = (
    *(
        "X: " + "x" * 9000,
        "X" * 9000 + ": y",
        "X: \0",
        "\0: x",
        "no colon",
        ": no name",
        "X\x01: y",
    ),
    *("Host: second", "Transfer-Encoding: gzip", "Transfer-Encoding: identity", "Upgrade: h2c"),
    *("Transfer-Encoding: chunked, chunked", "Transfer-Encoding: xchunked", "Expect: nonsense"),
    *("Content-Encoding: gzip", "Range: bytes=0-,0-,0-", "X-Forwarded-For: 127.0.0.1"),
    *("X:\r\n folded", "X-Request-ID: \x1b[31m", "X-Request-ID: " + "a" * 5000, "TE: x"),
    *("Cookie: " + "a=b;" * 1500, "Content_Length: 5", "Authorization: Basic ////"),
    "Accept: application/x-nothing",
)
ANY = ("ok", *BAD, "closed", "missing_file", "bad_image", "unsupported_type", "empty_file")


def broken_http() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    """(name, request, allowed answers)"""
    body, type_ = form(sources()["jpeg"])
    whole = post("/upload", body, type_)
    content = f"Content-Type: {type_}"

    for method in METHODS:
        for path in ("/upload", "/v1/faces", "/"):
            answers = ("ok", "method_not_allowed", *BAD, "not_found")
            yield f"{method[:9]} {path}", head(path, method=method), answers
    for path in PATHS:
        answers = ("not_found", "ok", "method_not_allowed", *BAD)
        yield f"path {path[:40]}", post(path, body, type_), answers
    for line in FIRST_LINES:
        raw = f"{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("latin1")
        yield f"line {line[:40]!r}", raw, (*GONE, "missing_file", "method_not_allowed", "ok")
    for line in HEADERS:
        raw = whole.replace(b"Host: localhost", f"Host: localhost\r\n{line}".encode("latin1"))
        yield f"header {line[:40]!r}", raw, ANY
    yield "no host", whole.replace(b"Host: localhost\r\n", b""), BAD
    long = [f"X-{i}: {'x' * 7000}" for i in range(100)]
    yield "100 headers of 7 KB", head("/upload", *long), GONE
    yield "2000 headers", head("/upload", *[f"X-{i}: y" for i in range(2000)]), GONE
    lines = head("/upload", content, f"Content-Length: {len(body)}").replace(b"\r\n", b"\n")
    yield "bare line feeds", lines + body, ANY
    for method, path, kind, code in (
        ("POST", "/nowhere", "image/jpeg", "not_found"),
        ("PUT", "/upload", "image/jpeg", "method_not_allowed"),
        ("POST", "/upload", "application/json", "unsupported_type"),
        ("POST", "/v1/faces", "text/plain", "unsupported_type"),
        ("POST", "/v1/faces", "image/jpeg", "unsupported_type"),
    ):
        large = ("Content-Length: 9000000", f"Content-Type: {kind}")
        raw = head(path, *large, method=method) + bytes(9_000_000)
        yield from [(f"9 MB that nobody wants, {method} {path}", raw, (code,))] * 5
    yield "HTTP/1.0", whole.replace(b"HTTP/1.1", b"HTTP/1.0"), ("ok",)
    yield "two requests, the second nonsense", whole + b"nonsense\r\n\r\n", ("ok",)

    for length in LENGTHS:
        raw = head("/upload", content, f"Content-Length: {length}") + body
        yield f"length {length!r}", raw, (*GONE, "too_large", "missing_file")
    two = ("Content-Length: 5", f"Content-Length: {len(body)}")
    yield "two lengths", head("/upload", content, *two) + body, BAD
    both = ("Transfer-Encoding: chunked", f"Content-Length: {len(body)}")
    yield "length and chunks", head("/upload", content, *both) + b"0\r\n\r\n", BAD
    short = head("/upload", content, f"Content-Length: {len(body) // 2}") + body
    yield "length too short", short, ("bad_request",)
    yield "no length", head("/upload", content) + body, ("missing_file", *BAD)

    for size in CHUNK_SIZES:
        raw = head("/upload", content, "Transfer-Encoding: chunked")
        yield f"chunk of {size[:20]!r}", raw + f"{size}\r\n".encode() + body, (*GONE, "too_large")
    chunks = chunked("/upload", body, type_)
    yield "chunks of a byte", chunked("/upload", body, type_, 1), ("ok",)
    yield "chunks with notes", chunks.replace(b"\r\n0\r\n", b"\r\n0;a=b\r\n"), ("ok",)
    yield "chunks with a trailer", chunks[:-2] + b"X: y\r\n\r\n", ("ok", *BAD)
    raw = chunked("/upload", bytes(20 * 2**20), type_, 65536)
    yield "chunks of 20 MB", raw, ("too_large", "closed")
