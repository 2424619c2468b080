"""A host that answers in the model host's place, and not as the service does."""

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.testing import photos


class Host(http.server.BaseHTTPRequestHandler):
    """The first part of the path says what it answers."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_GET(self):
        self.close_connection = True
        getattr(self, f"reply_{self.path.split('/')[1].partition('.')[0]}")()

    def send(self, body, type_="application/json", status=200, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": type_, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def reply_echo(self):
        self.send(
            json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        )

    def reply_upload(self):  # for a relay of nginx's kind, which adds nothing to the path
        self.server.ended.wait()

    reply_slow = reply_upload

    def reply_photo(self):
        self.send(photos.portrait(), "image/jpeg")

    def reply_page(self):
        self.send(b"<h1>Welcome</h1>", "text/html")

    def reply_redirect(self):
        self.send(b"{}", status=302, Location="/echo/upload")

    def reply_cut(self):
        self.send(b'{"age":')

    def reply_text(self):
        self.send(b"not -1", "text/plain")

    def reply_large(self):
        self.send(b'"' + bytes(5 * 2**20) + b'"')

    def reply_garbage(self):
        self.wfile.write(b"garbage\r\n\r\n")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):  # relays hang up
        pass


@contextmanager
def serving(certificate: Path, key: Path) -> Iterator[int]:
    """The port of 127.0.0.1 where it speaks HTTPS."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    with Server(("127.0.0.1", 0), Host) as server:
        server.ended = threading.Event()
        server.socket = tls.wrap_socket(server.socket, True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.ended.set()
        server.shutdown()
