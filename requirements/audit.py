"""Known vulnerabilities in the locked packages: pip-audit for Python, npm audit for the checkers.

    .venv/bin/python requirements/audit.py [OPTIONS OF PIP-AUDIT]

CI runs it after the tests.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "testing.txt"  # contains all the others

# id of an advisory -> why it does not concern us
ACCEPTED: dict[str, str] = {}

# severities that count for the checkers, which only read this repository's own files
GRAVE = ("high", "critical")
JAVASCRIPT = ("miniprogram", "tests/clients")  # folders with a package-lock.json


class Unreachable(Exception):
    """The server with the advisories cannot be reached, or has none."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[PIP_AUDIT_OPTION]...")
def main(options: tuple[str, ...]) -> None:
    """Check the locked packages for known vulnerabilities; exit with 1 if there are any.

    The options are those of pip-audit. Without a network, or with a mirror that has no advisories,
    this prints NOT AUDITED and does not fail.
    """
    findings = []
    for audit in (lambda: python(options), npm):
        try:
            findings += audit()
        except Unreachable as error:
            print(f"NOT AUDITED: {error}")
    for finding in findings:
        print(f"VULNERABLE: {finding}")
    sys.exit(1 if findings else 0)


def python(options: Sequence[str]) -> list[str]:
    """One line for each vulnerability of a locked package. Raises Unreachable."""
    command = [Path(sys.executable).parent / "pip-audit", "--disable-pip", "-r", LOCK]
    done = run([*command, "--progress-spinner", "off", "-f", "json", *options], ROOT)
    if not done.stdout:
        exit_unless(r"requests\.exceptions\.|vulnerability feed", done.stderr)
        raise Unreachable(f"Python: {done.stderr.splitlines()[-1]}")
    packages = json.loads(done.stdout)["dependencies"]
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        raise Unreachable("Python: this index has no advisories")
    print(f"Python: {len(audited)} of {len(packages)} packages audited")
    return [
        f"{package['name']} {package['version']}: {found['id']}, "
        f"fixed in {', '.join(found['fix_versions']) or 'no version yet'}"
        for package in audited
        for found in package["vulns"]
        if not ACCEPTED.keys() & {found["id"], *found["aliases"]}
    ]


def npm() -> list[str]:
    """One line for each grave vulnerability of what checks JavaScript. Raises Unreachable."""
    return [line for folder in JAVASCRIPT for line in npm_in(folder)]


def npm_in(folder: str) -> list[str]:
    """The same for the packages of one folder."""
    command = ["npm", "audit", "--json", "--package-lock-only", "--fetch-retries=0"]
    done = run([*command, "--fetch-timeout=20000"], ROOT / folder)
    answer = json.loads(done.stdout)
    if "vulnerabilities" not in answer:
        exit_unless("audit endpoint returned an error", done.stderr)
        raise Unreachable(f"npm: {answer['message']}")
    print(f"npm: {answer['metadata']['dependencies']['total']} packages audited for {folder}")
    # a string instead of an advisory names a vulnerable dependency, which has its own entry
    every = [via for found in answer["vulnerabilities"].values() for via in found["via"]]
    advisories = [via for via in every if not isinstance(via, str)]
    grave = [via for via in advisories if via["severity"] in GRAVE]
    print(f"npm: {len(advisories) - len(grave)} advisories that are not grave; see npm audit")
    return [
        f"{via['name']} {via['range']}: {via['title']}, {via['url']}"
        for via in grave
        if via["url"].rpartition("/")[2] not in ACCEPTED
    ]


def run(command: list, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def exit_unless(unreachable: str, error: str) -> None:
    """Fail if a tool reports any other error than an unreachable server."""
    if not re.search(unreachable, error):
        sys.exit(error)


if __name__ == "__main__":
    main()
