"""All settings, read from environment variables; docs/settings.md describes them."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app import fetch, server
from model.budget import MAX_FACES
from model.engine import FILES, WEIGHTS

PREFIX = "YANLING_"
FACES_AT_MOST = 1000


@dataclass(frozen=True)
class Settings:
    """`engine`: onnx or keras; `weights`: folder with model.json; `spool`: private folder that
    holds a photo during its request; `api_keys`: file of the keys that `/v1` requires, None when
    it requires none; `max_faces`: judged in one photo, at most; `fetch_from`: the sites from which
    photos are fetched, none when clients must send them."""

    engine: str
    weights: Path
    spool: Path
    api_keys: Path | None = None
    max_faces: int = MAX_FACES
    fetch_from: tuple[fetch.Site, ...] = ()


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises ValueError for an unknown setting or an invalid value, so that a typing error is not
    ignored."""
    known = {PREFIX + name.upper() for name in Settings.__annotations__}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise ValueError(f"unknown settings: {', '.join(unknown)}; known: {sorted(known)}")
    engine = environ.get("YANLING_ENGINE", "onnx")
    if engine not in FILES:
        raise ValueError(f"YANLING_ENGINE must be one of {sorted(FILES)}. Received: {engine}")
    keys = environ.get("YANLING_API_KEYS")
    return Settings(
        engine=engine,
        weights=Path(environ.get("YANLING_WEIGHTS", WEIGHTS)),
        spool=Path(environ.get("YANLING_SPOOL", default_spool())),
        api_keys=Path(keys) if keys is not None else None,
        max_faces=_max_faces(environ.get("YANLING_MAX_FACES", str(MAX_FACES))),
        fetch_from=fetch.sites(environ.get("YANLING_FETCH_FROM", "")),
    )


def _max_faces(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= FACES_AT_MOST):
        raise ValueError(f"YANLING_MAX_FACES must be from 1 to {FACES_AT_MOST}. Received: {value}")
    return int(value)


def default_spool() -> Path:
    """In memory if the host has /dev/shm, so that no photo reaches a disk."""
    memory = Path("/dev/shm")
    parent = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    # two services on one host must not share it: each empties it when it starts
    return parent / "-".join(filter(None, ("yanling", str(os.getuid()), server.address())))
