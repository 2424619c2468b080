"""API keys for `/v1`, where the operator asks for them: a file of names and hashes.

The hash is SHA-256 and fast on purpose. Slow hashes guard passwords, which can be guessed; a key of
256 random bits cannot, and every request has to pay for the hash.
"""

import logging
import re
import secrets
from functools import partial
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from flask import Flask, Response, current_app, request

from app import logs
from app.problems import problem

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
LINE = re.compile(rf"({NAME.pattern})\s+([0-9a-f]{{64}})")
PREFIX = "yanling_"  # whoever finds one somewhere, knows what it opens

log = logging.getLogger(__name__)


def register(app: Flask, file: Path | None) -> None:
    """Raises ValueError for a file that cannot be used."""
    app.extensions["keys"] = Keys(file) if file else None


def check() -> Response | None:
    """The refusal of a request without a good key, before anything of its body is read."""
    keys = current_app.extensions["keys"]
    if keys is None:
        return None
    if not keys.current():
        answer = problem("busy", "The server cannot check keys now; try again soon.")
        answer.headers["Retry-After"] = "5"
        return answer
    given = request.authorization
    key = given.token if given and given.type == "bearer" else None
    if key and (owner := keys.owner(key)):
        logs.note("key", owner)
        return None
    answer = problem("unauthorized", "Send a valid key, as 'Authorization: Bearer KEY'.")
    mistake = ', error="invalid_token"' if key else ""
    answer.headers["WWW-Authenticate"] = f'Bearer realm="yanling"{mistake}'
    return answer


def make(name: str) -> tuple[str, str]:
    """A new key, and the line of the file that lets it in."""
    key = PREFIX + secrets.token_urlsafe(32)
    return key, f"{name} {digest(key)}"


def digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


class Keys:
    """The keys in `file`, as it is at this moment: a line that is gone lets nobody in any more.

    Nothing is remembered of a file that is gone or of a line that is broken: a worker that was
    born later would remember something else, and a key that was taken out might still work.
    """

    def __init__(self, file: Path):
        """Raises ValueError when the file cannot be read or a line is wrong."""
        self._file = file
        self._state = state(file)
        try:
            self._keys, wrong = read(file)
        except OSError as error:
            raise ValueError(f"YANLING_API_KEYS: {error}") from error
        if wrong:
            raise ValueError(f"YANLING_API_KEYS: {file}, line {wrong[0]} is not NAME SHA256")
        if not self._keys:
            raise ValueError(f"YANLING_API_KEYS: no key in {file}")

    def current(self) -> list[tuple[str, str]]:
        """Name and hash of each key; read again when the file has changed."""
        now = state(self._file)
        if now != self._state:
            self._state = now
            self._keys = self._read_again()
        return self._keys

    def owner(self, key: str) -> str | None:
        """The name of a key that is known. All are compared, each in constant time."""
        same = partial(compare_digest, digest(key))
        matches = [name for name, known in self._keys if same(known)]
        return matches[0] if matches else None

    def _read_again(self) -> list[tuple[str, str]]:
        try:
            keys, wrong = read(self._file)
        except OSError as error:
            log.error("API keys: %s: all are refused", error)
            return []
        for number in wrong:  # not what it says: it may be a key
            log.error("API keys: %s, line %d is not NAME SHA256: ignored", self._file, number)
        level = logging.INFO if keys else logging.ERROR
        log.log(level, "API keys: %s has changed, %d in it now", self._file, len(keys))
        return keys


def state(file: Path) -> tuple[int, ...] | None:
    """What changes with every change of a file, its permissions among them."""
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def read(file: Path) -> tuple[list[tuple[str, str]], list[int]]:
    """Name and hash of each key, and the numbers of the lines that are none of them. Empty lines
    and those that begin with # do not count. Raises OSError."""
    good, wrong = [], []
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        if match := LINE.fullmatch(line.strip()):
            good.append((match[1], match[2]))
        elif line.strip() and not line.strip().startswith("#"):
            wrong.append(number)
    return good, wrong
