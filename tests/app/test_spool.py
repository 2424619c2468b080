import io
import os

import pytest

from app import spool


def test_prepare_makes_it_private_and_sweeps_leftovers(tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir(mode=0o755)
    (folder / "leftover").write_bytes(b"a photo")
    spool.prepare(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_prepare_refuses_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "spool").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError, match="link"):
        spool.prepare(tmp_path / "spool")


def test_a_photo_lies_in_the_spool_without_a_name_while_it_is_read(app, portrait):
    with app.test_request_context(
        "/upload", method="POST", data={"file": (io.BytesIO(portrait), "photo.jpg")}
    ) as context:
        upload = context.request.files["file"]
        place = os.readlink(f"/proc/self/fd/{upload.stream.fileno()}")
        assert place.startswith(str(app.config["SPOOL"]))
        assert place.endswith("(deleted)")
        assert upload.stream.read() == portrait
        assert list(app.config["SPOOL"].iterdir()) == []
    assert upload.stream.closed
