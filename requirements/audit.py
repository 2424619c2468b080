"""Known vulnerabilities in what the locks name: pip-audit for Python, npm audit for the checkers.

    .venv/bin/python requirements/audit.py [OPTIONS OF PIP-AUDIT]

Fails on a finding. What cannot be asked, for want of a network or of a mirror with advisories,
is said and fails nothing: the next run with a network will tell.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "testing.txt"  # all the others are parts of it

# an advisory's number, and why it does not touch us
ACCEPTED: dict[str, str] = {}

# the checkers read this repository's own files on a developer's machine, nothing else
NPM_SEVERITIES = ("high", "critical")


class Unreachable(Exception):
    """Whoever knows the advisories gave no answer."""


def main(options: list[str]) -> int:
    failed = False
    for audit in (lambda: python(options), npm):
        try:
            for finding in audit():
                print(finding)
                failed = True
        except Unreachable as error:
            print(f"NOT AUDITED: {error}")
    print("Vulnerable: see above." if failed else "No known vulnerability in what was audited.")
    return int(failed)


def python(options: list[str]) -> Iterator[str]:
    """A line for each vulnerability of a locked package. Raises Unreachable."""
    command = [Path(sys.executable).parent / "pip-audit", "--disable-pip", "-r", LOCK]
    done = run([*command, "--progress-spinner", "off", "-f", "json", *options], ROOT)
    if not done.stdout:
        unless(r"requests\.exceptions\.|vulnerability feed", done.stderr)
        raise Unreachable(f"Python: {done.stderr.splitlines()[-1]}")
    packages = json.loads(done.stdout)["dependencies"]
    for package in packages:
        for found in package.get("vulns", []):
            if not ACCEPTED.keys() & {found["id"], *found["aliases"]}:
                cure = ", ".join(found["fix_versions"]) or "nothing yet"
                yield f"{package['name']} {package['version']}: {found['id']}, cured by {cure}"
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    print(f"Python: {len(packages) - len(skipped)} of {len(packages)} packages audited")
    if skipped:
        raise Unreachable(f"the index has no advisories for {', '.join(skipped)}")


def npm() -> Iterator[str]:
    """A line for each grave vulnerability of the mini-program's checkers. Raises Unreachable."""
    command = ["npm", "audit", "--json", "--package-lock-only", "--fetch-retries=0"]
    done = run([*command, "--fetch-timeout=20000"], ROOT / "miniprogram")
    answer = json.loads(done.stdout)
    if "vulnerabilities" not in answer:
        unless("audit endpoint returned an error", done.stderr)
        raise Unreachable(f"npm: {answer['message']}")
    for name, found in answer["vulnerabilities"].items():
        for via in found["via"]:
            # a name instead is a package that only uses a vulnerable one
            if isinstance(via, str) or via["url"].rpartition("/")[2] in ACCEPTED:
                continue
            line = f"{name} {via['range']}: {via['url']}, {via['severity']}, {via['title']}"
            if via["severity"] in NPM_SEVERITIES:
                yield line
            else:
                print(f"(not counted) {line}")
    print(f"npm: {answer['metadata']['dependencies']['total']} packages audited")


def run(command: list, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def unless(unreachable: str, complaint: str) -> None:
    """A tool that failed over anything but the network is a failure of ours."""
    if not re.search(unreachable, complaint):
        sys.exit(complaint)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
