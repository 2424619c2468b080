"""Optional API keys for `/v1`: a file of names and hashes.

The hash is SHA-256, which is fast on purpose: every request pays for it. Slow hashes protect
passwords, which can be guessed; a key of 256 random bits cannot be.
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
PREFIX = "yanling_"  # a leaked key can be recognised

log = logging.getLogger(__name__)


def register(app: Flask, file: Path | None) -> None:
    """Load the keys, if the operator requires any. Raises ValueError for an unusable file."""
    app.extensions["keys"] = Keys(file) if file else None


def check() -> Response | None:
    """The refusal of a request without a valid key, sent before its body is read."""
    keys = current_app.extensions["keys"]
    if keys is None or request.method == "OPTIONS":
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
    reason = ', error="invalid_token"' if key else ""
    answer.headers["WWW-Authenticate"] = f'Bearer realm="yanling"{reason}'
    return answer


def make(name: str) -> tuple[str, str]:
    """A new key, and its line for the file of keys."""
    key = PREFIX + secrets.token_urlsafe(32)
    return key, f"{name} {digest(key)}"


def digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


class Keys:
    """The keys in `file`, read again whenever it changes: a removed key stops working at once.

    When the file is missing or a line is invalid, earlier keys are not kept: workers that started
    at different times would know different keys, and a removed key might still work.
    """

    def __init__(self, file: Path):
        """Raises ValueError when the file cannot be read, is empty or has an invalid line."""
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
        """Name and hash of each key."""
        now = state(self._file)
        if now != self._state:
            self._state = now
            self._keys = self._read_again()
        return self._keys

    def owner(self, key: str) -> str | None:
        """The name of a valid key. It is compared with every hash, each time in constant time."""
        same = partial(compare_digest, digest(key))
        matches = [name for name, known in self._keys if same(known)]
        return matches[0] if matches else None

    def _read_again(self) -> list[tuple[str, str]]:
        try:
            keys, wrong = read(self._file)
        except OSError as error:
            log.error("API keys: %s: every key is refused", error)
            return []
        for number in wrong:  # without its text: it may be a key
            log.error("API keys: %s, line %d is not NAME SHA256: ignored", self._file, number)
        level = logging.INFO if keys else logging.ERROR
        log.log(level, "API keys: %s has changed, %d in it now", self._file, len(keys))
        return keys


def state(file: Path) -> tuple[int, ...] | None:
    """Differs after every change of the file or its permissions; None when it is missing."""
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def read(file: Path) -> tuple[list[tuple[str, str]], list[int]]:
    """Name and hash of each key, and the numbers of invalid lines. Empty lines and comments (#)
    are skipped. Raises OSError."""
    good, wrong = [], []
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        if match := LINE.fullmatch(line.strip()):
            good.append((match[1], match[2]))
        elif line.strip() and not line.strip().startswith("#"):
            wrong.append(number)
    return good, wrong
