"""uWSGI's Python module, which exists only inside uWSGI; None under any other server."""

import re

try:
    import uwsgi
except ImportError:
    uwsgi = None

__all__ = ["address", "uwsgi"]


def address() -> str:
    """Where uWSGI listens for HTTP, such as 127.0.0.1-8081, for the name of a file; empty when it
    does not."""
    options = uwsgi.opt if uwsgi else {}
    listens = options.get("http-socket") or options.get("http") or b""
    first = listens if isinstance(listens, bytes) else listens[0]
    return re.sub(r"[^\w.]+", "-", first.decode()).strip("-")
