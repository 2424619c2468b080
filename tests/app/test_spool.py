import io
import os
from types import SimpleNamespace

import pytest

from app import metrics, spool
from deploy.testing.processes import open_files
from model.photo import PhotoError


def test_prepare_makes_it_private_and_sweeps_leftovers(tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir(mode=0o755)
    (folder / "leftover").write_bytes(b"a photo")
    spool.prepare(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("make", [spool.prepare, metrics.share], ids=["spool", "counters"])
def test_a_link_in_place_of_our_folder_is_refused_and_not_followed(tmp_path, make, monkeypatch):
    """In /dev/shm another user could have planted it, to have us delete or overwrite his choice."""
    monkeypatch.setattr(metrics, "uwsgi", SimpleNamespace(worker_id=lambda: 0, numproc=1))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (elsewhere / "counter_1.db").write_bytes(b"not ours")
    for name in ("spool", "spool-metrics"):
        (tmp_path / name).symlink_to(elsewhere)
    with pytest.raises(PermissionError, match="link"):
        make(tmp_path / "spool")
    assert (elsewhere / "counter_1.db").read_bytes() == b"not ours"
    assert elsewhere.stat().st_mode & 0o777 == 0o755


def test_another_users_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionError, match="another user"):
        spool.prepare(tmp_path)


def test_a_photo_lies_in_the_spool_without_a_name_while_it_is_read(
    app, post, portrait, monkeypatch
):
    seen = []

    def decode(data):
        places = map(str, open_files(os.getpid()))
        seen.extend(place for place in places if place.startswith(str(app.config["SPOOL"])))
        assert list(app.config["SPOOL"].iterdir()) == []
        assert data == portrait
        raise PhotoError("bad_image", "enough")

    monkeypatch.setitem(app.extensions, "decoder", SimpleNamespace(decode=decode))
    assert post(portrait).json["code"] == "bad_image"
    (place,) = seen
    assert place.endswith("(deleted)")


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
