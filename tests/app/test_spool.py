import io
from pathlib import Path

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
        place = str(Path(f"/proc/self/fd/{upload.stream.fileno()}").readlink())
        assert place.startswith(str(app.config["SPOOL"]))
        assert place.endswith("(deleted)")
        assert upload.stream.read() == portrait
        assert list(app.config["SPOOL"].iterdir()) == []
    assert upload.stream.closed


def test_a_form_that_breaks_off_leaves_no_file_open(client, monkeypatch):
    opened = []
    real = spool.open_file
    monkeypatch.setattr(spool, "open_file", lambda: opened.append(real()) or opened[-1])
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    reply = client.post(
        "/upload", data=head + bytes(100_000), content_type="multipart/form-data; boundary=x"
    )
    assert reply.json["code"] == "bad_request"
    assert len(opened) == 1
    assert opened[0].closed


@pytest.mark.parametrize(("method", "path"), [("POST", "/nowhere"), ("PUT", "/upload")])
def test_a_body_is_read_to_its_end_even_if_no_route_wants_it(client, method, path):
    body = io.BytesIO(bytes(1_000_000))
    client.open(path, method=method, input_stream=body, content_length=1_000_000)
    assert body.tell() == 1_000_000
