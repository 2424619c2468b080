"""What developers do with the contract, on the real service: they generate clients, copy the
snippets of docs/api.md, and send what nobody thought of."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.testing.service import BIN, ROOT

HERE = Path(__file__).parent
CONTRACT = ROOT / "app/static/openapi.json"
SNIPPETS = re.findall(r"```(sh|python|js)\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL)
# does what WeChat does, over real HTTP: success at any status, the answer as text
WECHAT = """
const path = 'photo.jpg'
const wx = { uploadFile({ url, filePath, name, success }) {
  const form = new FormData()
  form.append(name, new Blob([require('fs').readFileSync(filePath)]), filePath)
  fetch(url, { method: 'POST', body: form })
    .then(async answer => success({ statusCode: answer.status, data: await answer.text() }))
} }
"""
EXPECTED = {
    "gender": "Female",
    "ages": 101,
    "batch": 1,
    "refused": "unsupported_type",
    "code": "unsupported_type",
}


def run(*command, cwd=None, **environment):
    """What the command prints."""
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def photos(tmp_path, portrait):
    """A folder with a portrait and a text, and their paths."""
    files = tmp_path / "photo.jpg", tmp_path / "README.md"
    files[0].write_bytes(portrait)
    files[1].write_text("I am no photo.")
    return files


def answered(text):
    answer = json.loads(text)
    assert abs(answer.pop("yaw")) < 20
    return answer == EXPECTED


def test_a_client_generated_by_openapi_python_client_works(service, tmp_path, photos):
    (tmp_path / "options.yml").write_text("post_hooks: []\n")  # no formatting
    made = tmp_path / "yanling_client"
    command = [BIN / "openapi-python-client", "generate", "--path", CONTRACT, "--meta", "none"]
    run(*command, "--config", tmp_path / "options.yml", "--output-path", made)
    assert answered(
        run(sys.executable, HERE / "client.py", service, *photos, PYTHONPATH=str(tmp_path))
    )


@pytest.fixture(scope="session")
def typescript():
    """The folder with the packages that package.json names."""
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=HERE, check=True)
    return HERE / "node_modules"


def test_a_client_generated_by_openapi_typescript_works(service, typescript, tmp_path, photos):
    for file in ("client.ts", "node.d.ts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / file, tmp_path)
    (tmp_path / "node_modules").symlink_to(typescript)
    programs = typescript / ".bin"
    run(programs / "openapi-typescript", CONTRACT, "--output", tmp_path / "contract.d.ts")
    run(programs / "tsc", "--project", tmp_path, cwd=tmp_path)
    (tmp_path / "client.js").rename(tmp_path / "client.mjs")
    assert answered(run("node", tmp_path / "client.mjs", service, *photos))


@pytest.mark.parametrize(
    ("language", "code"), SNIPPETS, ids=[f"{at}-{each[0]}" for at, each in enumerate(SNIPPETS)]
)
@pytest.mark.usefixtures("photos")
def test_the_snippets_of_the_page_run(service, tmp_path, portrait, language, code):
    if "generate" in code:
        assert str(CONTRACT.relative_to(ROOT)) in code  # the two tests above run them
        return
    assert "http://127.0.0.1:8081/" in code
    code = code.replace("http://127.0.0.1:8081", service)
    if language == "js" and "wx." in code:
        said = run("node", "--input-type=commonjs", "--eval", WECHAT + code, cwd=tmp_path)
    elif language == "js":
        said = run("node", "--input-type=module", "--eval", code, cwd=tmp_path)
    elif language == "python":
        said = run(sys.executable, "-c", code, cwd=tmp_path)
    else:
        said = run("sh", "-ec", code, cwd=tmp_path)
    if "marked.jpg" in code:
        assert (tmp_path / "marked.jpg").read_bytes() not in (b"", portrait)
    else:
        assert re.search("Female|Woman", said), said


def test_there_is_a_snippet_for_everyone():
    languages = [language for language, _ in SNIPPETS]
    assert {name: languages.count(name) for name in ("sh", "python", "js")} == {
        "sh": 6,
        "python": 2,
        "js": 2,
    }


def test_no_request_gets_a_5xx_or_an_undocumented_answer(service, tmp_path):
    """A quick form; `st run app/static/openapi.json --url URL` sends more. Photos are no JSON: what
    fits the schema need not be one."""
    options = ["--phases", "coverage", "--generation-deterministic"]
    options += ["--exclude-checks", "positive_data_acceptance"]
    said = run(BIN / "st", "run", CONTRACT, "--url", service, *options, cwd=tmp_path)
    assert "7 selected / 7 total" in said
    assert re.search(r"(\d{3}) generated, \1 passed", said)
