"""Packages that only some runs of `estimate` need."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from app.failures import Refused
from app.remote import is_url

# what needs it -> the module, and the package that brings it
PACKAGES = {
    "--ray": ("ray", "'ray[data]'"),
    "Parquet": ("pyarrow", "pyarrow"),
    "A URL": ("fsspec", "fsspec"),
}


def check(places: Iterable[Path | str], ray: bool) -> None:
    """Raises Refused when what is read or written, or Ray, needs a package that is missing."""
    names = list(map(str, places))
    wanted = {
        "--ray": ray,
        "Parquet": any(name.lower().endswith(".parquet") for name in names),
        "A URL": any(map(is_url, names)),
    }
    for what, (module, package) in PACKAGES.items():
        if wanted[what] and not find_spec(module):
            raise Refused(f"{what} needs another package: pip install {package}")
