"""Multipart forms: what is wrong with one that cannot be read, in words."""

from typing import Any

from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser


class FormParser(FormDataParser):
    """Werkzeug's, which would take a form that it cannot read for an empty one."""

    def parse(
        self, stream: Any, mimetype: str, content_length: Any, options: dict | None = None
    ) -> Any:
        """Raises BadRequest."""
        self.silent = False
        if mimetype == "multipart/form-data" and not (options or {}).get("boundary"):
            raise BadRequest(
                "Content-Type has no valid boundary. Let your HTTP library set this header."
            )
        try:
            return super().parse(stream, mimetype, content_length, options)
        except ValueError as error:
            raise BadRequest(explain(str(error))) from None


def explain(error: str) -> str:
    """Werkzeug's message in our words. It names the state in which the body ended."""
    if error.endswith("State.PREAMBLE"):
        return "The body does not have the boundary that Content-Type names."
    if "State." in error:
        return "The body breaks off before its last boundary."
    return "A part of the form has a head that cannot be read."
