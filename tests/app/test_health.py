from model.engine import WEIGHTS, metadata


def test_healthz(client):
    assert client.get("/healthz").json == {"status": "alive"}


def test_readyz_names_the_weights_in_use(client):
    answer = client.get("/readyz").json
    facts = metadata(WEIGHTS)
    assert answer["status"] == "ready"
    assert answer["version"] == facts["version"]
    assert answer["weights_sha256"] == facts["sha256"]["int8.onnx"]
