"""Fill the templates in deploy/ with the settings of one host.

    python3 deploy/render.py /etc/yanling.env OUTDIR

Each @NAME@ becomes the value of NAME, which may itself contain names. A setting that the host's
file lacks is taken from site.env. (@ because nginx and supervisor use $ and %.) Where the host has
IPv6, nginx listens there too on every port that is given without an address. @CURVES@ depends on
the OpenSSL that nginx runs with, @HTTP_TWO@ on nginx's version, @PROBE@ on HTTPS_LISTEN, @BALANCED@
on BALANCERS; @QUEUES@ are uWSGI's sockets. Needs no library.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

DEPLOY = Path(__file__).parent
NAME = re.compile(r"@([A-Z_]+)@")
PORT_ALONE = re.compile(r"^( *)listen (\d+)(?=[ ;])(.*)$", re.MULTILINE)
OPENSSL = re.compile(r"OpenSSL (\d+)\.(\d+)")
NGINX = re.compile(r"nginx/(\d+)\.(\d+)\.(\d+)")
CURVES = "X25519:prime256v1:secp384r1"
QUEUES = 32  # as in queues.ini
ANY = {"": "127.0.0.1", "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
IPV6 = Path("/proc/net/if_inet6")  # the host's addresses; absent or empty where IPv6 is disabled


def read(file: Path) -> dict[str, str]:
    """The NAME=value lines of a settings file."""
    lines = file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def render(values: dict[str, str], out: Path, addresses: Path = IPV6) -> None:
    """Write every template, filled, below `out`. Raises KeyError for a name without a value."""
    ipv6 = has_ipv6(addresses)
    version = nginx_version()
    values = values | {
        "CURVES": curves(version),
        "HTTP_TWO": http2(version),
        "PROBE": probe(values["HTTPS_LISTEN"]),
        "QUEUES": queues(),
        "BALANCED": balanced(values["BALANCERS"]),
    }
    for template in DEPLOY.glob("*/*.conf"):
        target = out / template.relative_to(DEPLOY)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = fill(template.read_text(), values)
        target.write_text(on_both(text) if ipv6 else text)


def fill(text: str, values: dict[str, str]) -> str:
    """Replace every name in `text` by its value. Raises KeyError for a name without one."""
    while NAME.search(text):
        text = NAME.sub(lambda match: values[match[1]], text)
    return text


def nginx_version() -> str:
    """What `nginx -V` prints. Raises FileNotFoundError without nginx."""
    path = f"{os.environ['PATH']}:/usr/sbin"  # Debian's nginx is not on an ordinary user's path
    done = subprocess.run(["nginx", "-V"], capture_output=True, text=True, env={"PATH": path})
    return done.stderr


def curves(version: str) -> str:
    """The curves of Mozilla's intermediate profile, in its order. OpenSSL before 3.5 does not know
    X25519MLKEM768, and nginx would not start with it. Of the two versions that nginx may print,
    the last is that of the library in use."""
    used = [(int(major), int(minor)) for major, minor in OPENSSL.findall(version)]
    return f"X25519MLKEM768:{CURVES}" if used and used[-1] >= (3, 5) else CURVES


def http2(version: str) -> str:
    """What follows `listen … ssl`. nginx from 1.25.1 on calls `listen … http2` deprecated; those
    before do not know `http2 on`."""
    found = NGINX.search(version)
    newer = found and tuple(map(int, found.groups())) >= (1, 25, 1)
    return ";\n    http2 on" if newer else " http2"


def queues() -> str:
    """nginx's upstream servers, one for each socket in queues.ini."""
    sockets = (f"@RUN@/service/queue-{number:02}.sock" for number in range(1, QUEUES + 1))
    return "\n    ".join(f"server unix:{socket} max_fails=0;" for socket in sockets)


def balanced(balancers: str) -> str:
    """One more `listen` where there are balancers. They speak HTTP/1.1."""
    return "\n    listen @BALANCER_LISTEN@ ssl proxy_protocol;" if balancers else ""


def probe(listen: str) -> str:
    """Where this host itself reaches an address that nginx listens on."""
    address, _, port = listen.split()[0].rpartition(":")
    return f"{ANY.get(address, address)}:{port}"


def has_ipv6(addresses: Path = IPV6) -> bool:
    """Whether this host has an address of IPv6, if only its own `::1`."""
    return addresses.exists() and addresses.read_text() != ""


def on_both(text: str) -> str:
    """`listen 80;` alone would mean IPv4 only."""
    return PORT_ALONE.sub(r"\g<0>\n\1listen [::]:\2\3", text)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["-h" | "--help", *_]:
            print(__doc__)
        case [settings, out]:
            render(read(DEPLOY / "site.env") | read(Path(settings)), Path(out))
        case _:
            sys.exit(__doc__)
