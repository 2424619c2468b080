import io
import stat

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app import create_app
from app.settings import Settings
from model.engine import WEIGHTS


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    return create_app(Settings("onnx", WEIGHTS, tmp_path_factory.mktemp("spool") / "private"))


@pytest.fixture
def client(app):
    """A client. After every test the spool must be private and empty."""
    yield app.test_client()
    spool = app.config["SPOOL"]
    assert stat.S_IMODE(spool.stat().st_mode) == 0o700
    assert list(spool.iterdir()) == []


@pytest.fixture
def post(client):
    """Post bytes as the form field `file`."""

    def send(data, path="/upload", name="photo.jpg", field="file"):
        # Werkzeug's client would not close its temporary file of a large form
        form = {field: FileStorage(io.BytesIO(data), filename=name)}
        boundary, body = encode_multipart(form)
        return client.post(
            path, data=body, content_type=f"multipart/form-data; boundary={boundary}"
        )

    return send


@pytest.fixture
def document(client):
    """The published contract."""
    with client.get("/openapi.json") as reply:
        return reply.json
