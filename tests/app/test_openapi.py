"""Every kind of answer conforms to the published document."""

import json
import re

import pytest
from jsonschema import Draft202012Validator


@pytest.fixture
def conforms(document):
    def check(answer, name):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        Draft202012Validator(schema).validate(answer)

    return check


def test_the_schemas_are_valid_and_every_reference_resolves(document):
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for kind, name in re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(document)):
        assert name in document["components"][kind]


def test_every_route_is_documented(app, document):
    ours = {
        (rule.rule, method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule not in ("/", "/docs", "/openapi.json", "/metrics")
        if rule.endpoint != "static"
    }
    paths = document["paths"]
    assert ours == {(path, method) for path, methods in paths.items() for method in methods}


def contents(document):
    """Every body that the document describes with an example."""
    answers = list(document["components"]["responses"].values())
    for operation in operations(document):
        answers += [answer for answer in operation["responses"].values() if "content" in answer]
    for answer in answers:
        yield from (each for each in answer["content"].values() if "example" in each)


def operations(document):
    return [each for path in document["paths"].values() for each in path.values()]


def test_every_operation_has_a_name_and_a_tag_and_examples_that_conform(document):
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in document["tags"]}
    assert {tag for each in operations(document) for tag in each["tags"]} == tags
    assert document["servers"][0]["url"] == "/"  # wherever the document came from
    examples = list(contents(document))
    assert len(examples) >= 14
    for each in examples:
        schema = each["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(each["example"])


def test_answers_conform(post, client, conforms, portrait, group, landscape):
    for data in (portrait, group[0]):
        conforms(post(data).json, "Upload")
        conforms(post(data, "/v1/faces").json, "Faces")
        conforms(post(data, "/v1/faces?distribution=1").json, "Faces")
    conforms(post(landscape, "/v1/faces").json, "Faces")
    for data in (portrait, landscape, b"no photo"):
        conforms(post(data, "/v1/batch").json, "Batch")
    conforms(client.get("/healthz").json, "Alive")
    conforms(client.get("/readyz").json, "Ready")
    for reply in (post(b""), client.get("/nowhere"), client.delete("/v1/faces")):
        conforms(reply.json, "Problem")
