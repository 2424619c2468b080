"""uWSGI's Python module, which exists only inside uWSGI; None under any other server."""

try:
    import uwsgi
except ImportError:
    uwsgi = None

__all__ = ["uwsgi"]
