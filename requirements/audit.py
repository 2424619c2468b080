"""Known vulnerabilities in what the locks name: pip-audit for Python, npm audit for the checkers.

    .venv/bin/python requirements/audit.py [OPTIONS OF PIP-AUDIT]

Fails on a finding. Where nobody can be asked, for want of a network or of a mirror that has the
advisories, it says so and does not fail: the next run elsewhere will tell.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "testing.txt"  # all the others are parts of it

# an advisory's number, and why it does not touch us
ACCEPTED: dict[str, str] = {}

# the checkers read this repository's own files on a developer's machine, nothing else
GRAVE = ("high", "critical")


class Unreachable(Exception):
    """Whoever knows the advisories gave no answer."""


def main(options: list[str]) -> int:
    findings = []
    for audit in (lambda: python(options), npm):
        try:
            findings += audit()
        except Unreachable as error:
            print(f"NOT AUDITED: {error}")
    for finding in findings:
        print(f"VULNERABLE: {finding}")
    return 1 if findings else 0


def python(options: list[str]) -> list[str]:
    """A line for each vulnerability of a locked package. Raises Unreachable."""
    command = [Path(sys.executable).parent / "pip-audit", "--disable-pip", "-r", LOCK]
    done = run([*command, "--progress-spinner", "off", "-f", "json", *options], ROOT)
    if not done.stdout:
        unless(r"requests\.exceptions\.|vulnerability feed", done.stderr)
        raise Unreachable(f"Python: {done.stderr.splitlines()[-1]}")
    packages = json.loads(done.stdout)["dependencies"]
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        raise Unreachable("Python: this index tells no advisories")
    print(f"Python: {len(audited)} of {len(packages)} packages audited")
    return [
        f"{package['name']} {package['version']}: {found['id']}, "
        f"fixed in {', '.join(found['fix_versions']) or 'no version yet'}"
        for package in audited
        for found in package["vulns"]
        if not ACCEPTED.keys() & {found["id"], *found["aliases"]}
    ]


def npm() -> list[str]:
    """A line for each grave vulnerability of the mini-program's checkers. Raises Unreachable."""
    command = ["npm", "audit", "--json", "--package-lock-only", "--fetch-retries=0"]
    done = run([*command, "--fetch-timeout=20000"], ROOT / "miniprogram")
    answer = json.loads(done.stdout)
    if "vulnerabilities" not in answer:
        unless("audit endpoint returned an error", done.stderr)
        raise Unreachable(f"npm: {answer['message']}")
    print(f"npm: {answer['metadata']['dependencies']['total']} packages audited")
    # a name in place of an advisory is a package that only uses a vulnerable one
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


def unless(unreachable: str, complaint: str) -> None:
    """A tool that failed over anything but the network is a failure of ours."""
    if not re.search(unreachable, complaint):
        sys.exit(complaint)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
