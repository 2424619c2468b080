"""Fetches a photo from an address that a client names, but only from the operator's own sites.

Whoever names an address makes this host connect to it, also to what only this host can reach
(server-side request forgery). So a client chooses nothing but the path. Scheme, host and port must
be those of a site in YANLING_FETCH_FROM. The site's name is looked up once, all its addresses must
be public, and the connection goes to one of them: a name that points elsewhere a moment later (DNS
rebinding) changes nothing. Redirects are not followed.
"""

import re
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread

from model.photo import MAX_BYTES, PhotoError

SECONDS = 8  # for everything: the name, the connection, the photo
SITE = r"(https?)://([a-z0-9_.-]+)(?::(\d{1,5}))?"
ENTRY = re.compile(rf"{SITE}(?:=([0-9a-f.:]+))?")
URL = re.compile(rf"{SITE}(/[!-~]*)?", re.IGNORECASE)
URL_CHARACTERS = 2048
PORTS = {"http": 80, "https": 443}
# Of IPv6 only this can be public. All forms that hold an address of IPv4 are outside, except 6to4.
GLOBAL_UNICAST = ip_network("2000::/3")
# 6to4, and what Python's older versions take for global
SPECIAL = [ip_network(each) for each in ("2002::/16", "192.0.0.0/24", "3fff::/20")]
HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Yanling"}


@dataclass(frozen=True)
class Site:
    """`address`: where the operator says that it is, also in a private network; None to look its
    name up."""

    scheme: str
    host: str
    port: int
    address: str | None = None


def sites(text: str) -> tuple[Site, ...]:
    """The sites in a setting such as `https://photos.example.com http://store.lan:9000=10.0.0.7`.

    Raises ValueError.
    """
    return tuple(map(_site, text.split()))


def _site(entry: str) -> Site:
    try:
        scheme, host, port, address = ENTRY.fullmatch(entry).groups()  # type: ignore[union-attr]
        return Site(scheme, host, int(port or PORTS[scheme]), address and str(ip_address(address)))
    except (AttributeError, ValueError):
        raise ValueError(
            f"YANLING_FETCH_FROM: {entry} is not https://HOST[:PORT][=ADDRESS]"
        ) from None


def find(url: str, sites: Iterable[Site]) -> tuple[Site, str]:
    """The site that `url` belongs to, and the path there. Raises PhotoError (`url_refused`)."""
    match = URL.fullmatch(url) if len(url) <= URL_CHARACTERS else None
    if not match:
        raise PhotoError(
            "url_refused", "The address must be https://HOST/PATH in ASCII, without a user name."
        )
    scheme, host, port, path = match.groups()
    place = (scheme.lower(), host.lower(), int(port or PORTS[scheme.lower()]))
    for site in sites:
        if (site.scheme, site.host, site.port) == place:
            return site, (path or "/").partition("#")[0]
    raise PhotoError("url_refused", "This service does not fetch photos from that address.")


def fetch(site: Site, path: str) -> bytes:
    """The photo at `path`; one byte more than a photo may have when it is too large.

    Raises PhotoError (`url_refused`, `url_failed`, `unsupported_type`).
    """
    found: SimpleQueue[bytes | Exception] = SimpleQueue()
    connection = Connection(site)

    def work() -> None:
        try:
            found.put(_photo(connection, path))
        except Exception as error:
            found.put(error)
        finally:
            connection.close()

    # in a thread, because nothing else ends a lookup or an answer of one byte a second in time
    Thread(target=work, daemon=True).start()
    try:
        result = found.get(timeout=SECONDS)
    except Empty:
        connection.abandon()
        raise PhotoError("url_failed", f"The photo did not arrive in {SECONDS} seconds.") from None
    if isinstance(result, OSError | HTTPException):
        raise PhotoError("url_failed", "The photo's host cannot be reached.") from None
    if isinstance(result, Exception):
        raise result
    return result


class Connection(HTTPConnection):
    """To an address of the site that was checked."""

    def __init__(self, site: Site):
        super().__init__(site.host, site.port, timeout=SECONDS)
        self.default_port = PORTS[site.scheme]  # it is not repeated in the header Host
        self._site = site
        self._line: socket.socket | None = None
        self._abandoned = False

    def connect(self) -> None:
        self._keep(_connect(addresses(self._site), self.port))
        if self._site.scheme == "https":
            line = trust().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self._keep(line)
            line.do_handshake()

    def _keep(self, line: socket.socket) -> None:
        self.sock = self._line = line
        if self._abandoned:
            raise TimeoutError

    def abandon(self) -> None:
        """End it from another thread. `close` would not: an answer still reads from the socket."""
        self._abandoned = True
        if self._line:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)


def addresses(site: Site) -> list[str]:
    """Where the site is. Raises PhotoError (`url_refused`) unless all its addresses are public, and
    OSError when its name is unknown."""
    if site.address:
        return [site.address]
    answers = socket.getaddrinfo(site.host, site.port, type=socket.SOCK_STREAM)
    found = [str(answer[4][0]) for answer in answers]
    if not all(map(is_public, found)):
        raise PhotoError("url_refused", "The photo's host has an address that is not public.")
    return found


def is_public(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    if ip.is_multicast or any(ip in network for network in SPECIAL):
        return False
    return ip.is_global and (ip.version == 4 or ip in GLOBAL_UNICAST)


def _connect(addresses: list[str], port: int) -> socket.socket:
    """To the first that answers. Raises OSError."""
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), SECONDS)
    return socket.create_connection((addresses[-1], port), SECONDS)


@cache
def trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _photo(connection: Connection, path: str) -> bytes:
    connection.request("GET", path, headers=HEADERS)
    with connection.getresponse() as reply:
        if reply.status != 200:
            hint = " Redirects are not followed." if 300 <= reply.status < 400 else ""
            raise PhotoError("url_failed", f"The photo's host answers {reply.status}.{hint}")
        if reply.headers.get_content_maintype() != "image":
            raise PhotoError("unsupported_type", "The Content-Type at that address is not image/*.")
        data = reply.read(MAX_BYTES + 1)
        if reply.length and len(data) <= MAX_BYTES:
            raise PhotoError("url_failed", "The photo's host broke off.")
        return data
