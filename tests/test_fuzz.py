"""What the fuzzer has found stays harmless. `python -m tests.hostile.fuzz` searches for more."""

import os
import subprocess
import sys

import pytest

from deploy.testing.service import ROOT
from tests.hostile import targets


def run(folder, code, *arguments):
    command = [sys.executable, "-c", code, *arguments]
    environment = os.environ | {"TMPDIR": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_no_input_of_the_corpus_does_harm(tmp_path, name):
    """In a child, because a decoder that crashes ends its process."""
    done = run(tmp_path, f"from tests.hostile import targets; targets.replay({name!r})")
    assert done.returncode == 0, done.stdout.splitlines()[-1:] + done.stderr.splitlines()[-20:]
    names = done.stdout.splitlines()
    assert names == list(targets.corpus(name))
    assert len(names) > 100


def test_the_search_keeps_what_crashes(tmp_path):
    code = """if True:
        import os, sys
        from tests.hostile import search
        search.TARGETS["photo"] = lambda data: data.startswith(b"BM") and os.abort()
        search.main()"""
    options = ["--target=photo", "-runs=100", f"-artifact_prefix={tmp_path}/", str(tmp_path)]
    (tmp_path / "seed").write_bytes(targets.sources()["bmp"])
    assert run(tmp_path, code, *options).returncode != 0
    (found,) = tmp_path.glob("crash-*")
    assert found.read_bytes().startswith(b"BM")
