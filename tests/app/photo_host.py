"""A host of photos, as good and as bad as they come."""

import http.server

from model.photo import MAX_BYTES

HOST = "photos.test"


class Handler(http.server.BaseHTTPRequestHandler):
    """The name of a path says what is answered."""

    def __init__(self, photo, ended, *rest):
        self.photo, self.ended = photo, ended
        super().__init__(*rest)

    def do_GET(self):
        reply = getattr(self, f"reply_{self.path.strip('/').partition('.')[0].partition('?')[0]}")
        reply()
        self.close_connection = True

    def send(self, status, type_, body=b"", length=None, **headers):
        self.send_response(status)
        headers = {"Content-Type": type_, "Content-Length": length or len(body)} | headers
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def reply_photo(self):
        self.server.asked = dict(self.headers)
        self.send(200, "image/jpeg", self.photo)

    def reply_redirect(self):
        self.send(302, "image/jpeg", self.photo, Location="/photo.jpg")

    def reply_missing(self):
        self.send(404, "image/jpeg", self.photo)

    def reply_page(self):
        self.send(200, "text/html", self.photo)

    def reply_broken(self):
        self.send(200, "image/jpeg", self.photo[:2000], length=len(self.photo))

    def reply_large(self):
        self.send(200, "image/jpeg", b"\xff\xd8" + bytes(MAX_BYTES))

    def reply_endless(self):
        self.drip(b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n")

    def reply_slow(self):
        self.drip(b"HTTP/1.0 200 OK\r\nX: ")

    def drip(self, head):
        """One byte at a time, for as long as the other side takes it."""
        self.wfile.write(head)
        while not self.ended.wait(0.02):
            self.wfile.write(b"a")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):  # the other side has hung up, as it should
        pass
