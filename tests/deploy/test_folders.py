"""install.sh refuses settings that would let the service's user lead root elsewhere by a link."""

import os
import subprocess

import pytest

from deploy import render
from deploy.testing.service import ROOT

SCRIPT = """
set -euo pipefail
die() { echo "$*"; exit 1; }
value() { cat deploy/site.env "$settings" | sed -n "s/^$1=//p" | tail -n 1; }
settings=$0
. deploy/folders.sh
check_owners
"""
# as if the service's user could change this one folder
RUNUSER = '#!/bin/sh\nfor last; do :; done\n[ "$2 $last" = "yanling /srv/theirs" ]\n'


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ROOT", "/srv/theirs/current"),
        ("RUN", "/srv/theirs/deep/run"),
        ("BODIES", "/srv/theirs/bodies"),
        ("NGINX_LOGS", "/srv/theirs"),
        ("UWSGI_LOGS", "/srv/theirs/logs"),
        ("CERTIFICATE", "/srv/theirs/certificate.pem"),
        ("CERTIFICATE_KEY", "/srv/theirs/key.pem"),
        ("RELAYS", "/srv/theirs/relays*.conf"),
        ("SPOOL", "/srv/theirs/spool"),  # only the service itself makes and opens it
        ("BODIES", "@RUN@/nginx-bodies"),
    ],
)
def test_no_folder_above_what_root_opens_may_be_the_services(tmp_path, setting, value):
    (tmp_path / "runuser").write_text(RUNUSER)
    (tmp_path / "runuser").chmod(0o755)
    settings = tmp_path / "yanling.env"
    settings.write_text(f"{setting}={value}\n")
    assert setting in render.read(render.DEPLOY / "site.env")
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["bash", "-c", SCRIPT, settings]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    fine = setting == "SPOOL" or value.startswith("@RUN@")
    assert done.returncode == (0 if fine else 1)
    assert done.stdout.startswith("" if fine else "/srv/theirs can be changed by the user yanling")
    assert len(done.stdout.splitlines()) == (0 if fine else 1)
