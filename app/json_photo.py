"""A photo in a JSON body: `{"image": "<base64>"}`, or where to fetch it: `{"url": "https://…"}`.

Python's parser needs 250 MB for 10 MB of brackets. So only a body with few of them is parsed:
base64 has none.
"""

import binascii
import json

from werkzeug.exceptions import BadRequest

MARKS = (b"[", b"{", b",")
MOST_MARKS = 32
LONG = 64 * 1024  # bytes; only an image is longer
DATA_URL_HEAD = 200  # characters
SPACE = b" \t\r\n"


def text(body: bytes, names: tuple[str, ...]) -> tuple[str, str]:
    """The only member of the object, which has one of these names, and its text.

    Raises BadRequest for anything else.
    """
    wanted = " or ".join(f'{{"{name}": "…"}}' for name in names)
    if sum(map(body.count, MARKS)) > MOST_MARKS:
        raise BadRequest(f"The JSON has more members than {wanted}.")
    # one other character would make the parser use four bytes for each
    if len(body) > LONG and (not body.isascii() or b"\\u" in body):
        raise BadRequest("In JSON of this length only base64 is accepted.")
    try:
        found = json.loads(body.decode())
    except ValueError:
        raise BadRequest("The body is not JSON in UTF-8.") from None
    if not isinstance(found, dict) or len(found) != 1:
        raise BadRequest(f"Send {wanted} and nothing else. Parameters belong into the query.")
    ((name, value),) = found.items()
    if name not in names or not isinstance(value, str):
        raise BadRequest(f"Send {wanted}, with a text.")
    return name, value


def image(text: str) -> bytes:
    """What the base64 text holds, which may be a data URL and may have line ends. Raises
    BadRequest."""
    if text.startswith("data:"):
        head, comma, _ = text[:DATA_URL_HEAD].partition(",")
        if not comma or not head.endswith(";base64"):
            raise BadRequest("The data URL must begin with data:image/…;base64,")
        text = text[len(head) + 1 :]
    try:
        return binascii.a2b_base64(text.encode("ascii").translate(None, SPACE), strict_mode=True)
    except ValueError:
        raise BadRequest("The image is not valid base64.") from None
