import tempfile
from pathlib import Path

import pytest

from deploy.testing.service import ROOT
from tests.deploy.disk import is_memory


@pytest.fixture
def disk(tmp_path):
    """A folder on a disk, also where temporary folders are in memory."""
    parent = tmp_path if not is_memory(tmp_path) else ROOT
    with tempfile.TemporaryDirectory(prefix=".disk-", dir=parent) as folder:
        yield Path(folder)
