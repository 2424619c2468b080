"""Asks the service about the photos given, with the package `yanling_client` that a test has
generated from the contract. Runs by itself, so that nothing here imports it."""

import json
import sys
from io import BytesIO
from pathlib import Path

from yanling_client import Client
from yanling_client.api.service import readyz
from yanling_client.api.upload import upload
from yanling_client.api.v1 import batch, faces
from yanling_client.models import BatchForm, Form
from yanling_client.models.faces_distribution import FacesDistribution
from yanling_client.types import File

service, *paths = sys.argv[1:]
portrait, text = (Path(path).read_bytes() for path in paths)


def file(data: bytes) -> File:
    return File(BytesIO(data), "photo.jpg", "image/jpeg")


client = Client(base_url=service)
one = faces.sync(
    client=client, body=Form(file(portrait)), max_faces=1, distribution=FacesDistribution.VALUE_1
)
raw = faces.sync(client=client, body=file(portrait))
found, refused = batch.sync(client=client, body=BatchForm([file(portrait), file(text)])).results
wrong = faces.sync(client=client, body=Form(file(text)))
assert raw.faces[0].age == one.faces[0].age
assert upload.sync(client=client, body=Form(file(portrait))).gender == one.faces[0].gender
assert readyz.sync(client=client).version == one.model.version
assert readyz.sync(client=client).weights_sha256.startswith(one.model.weights)
print(
    json.dumps(
        {
            "gender": one.faces[0].gender,
            "yaw": one.faces[0].pose.yaw,
            "ages": len(one.faces[0].age_distribution),
            "batch": len(found.faces),
            "refused": refused.problem.code,
            "code": wrong.code,
        }
    )
)
